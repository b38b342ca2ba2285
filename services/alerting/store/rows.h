// Rows of the tables that hold the world, the same in every engine. A row without a body says that what it is about is
// gone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/alerting/domain/world.h"

namespace orewatch::alerting {

struct RuleRow {
  std::string id;
  std::string body;
};

struct ScoreRow {
  ScoreKey key;
  std::string body;
};

struct AlertRow {
  std::string id;
  std::string body;
};

struct TransitionRow {
  int64_t sequence = 0;
  std::string alert;
  std::string body;
};

// One of each thing: what the changes say of it last.
std::vector<RuleRow> RuleRowsOf(const Changes& changes);
std::vector<ScoreRow> ScoreRowsOf(const Changes& changes);
std::vector<AlertRow> AlertRowsOf(const Changes& changes);
std::vector<TransitionRow> TransitionRowsOf(const Changes& changes);

// How the tables know the alert.
std::string AlertIdOf(const AlertKey& key);

// Add what a row says. DATA_LOSS.
absl::Status AddRule(absl::string_view id, absl::string_view body, Changes& changes);
absl::Status AddScore(const ScoreKey& key, absl::string_view body, Changes& changes);
absl::Status AddAlert(absl::string_view body, Changes& changes);

}  // namespace orewatch::alerting
