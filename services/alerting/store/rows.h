// Rows of the tables that hold the world, the same in every engine. A row without a body says that what it is about is
// gone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/alerting/domain/delivery.h"
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

struct FactRow {
  std::string id;
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

// Times are microseconds since the Unix epoch; notified 0: not yet.
struct DeliveryRow {
  int64_t sequence = 0;
  std::string target;
  std::string alert;
  int64_t state = 0;
  int64_t created = 0;
  int64_t next_attempt = 0;
  int64_t notified = 0;
  std::string body;
};

DeliveryRow RowOf(const Delivery& delivery);
// DATA_LOSS.
absl::StatusOr<Delivery> DeliveryOf(const DeliveryRow& row);
// NOT_FOUND, reason DELIVERY_NOT_FOUND.
absl::Status NoDelivery(int64_t sequence, const std::string& target);
// Of a replay: the delivery that was `found` after it. FAILED_PRECONDITION, reason DELIVERY_NOT_DEAD, if it is not
// pending.
absl::StatusOr<Delivery> Replayed(std::vector<Delivery> found, int64_t sequence, const std::string& target);

// One of each thing: what the changes say of it last.
std::vector<RuleRow> RuleRowsOf(const Changes& changes);
std::vector<ScoreRow> ScoreRowsOf(const Changes& changes);
std::vector<FactRow> FactRowsOf(const Changes& changes);
std::vector<AlertRow> AlertRowsOf(const Changes& changes);
std::vector<TransitionRow> TransitionRowsOf(const Changes& changes);

// How the tables know the alert.
std::string AlertIdOf(const AlertKey& key);

// Add what a row says. DATA_LOSS.
absl::Status AddRule(absl::string_view id, absl::string_view body, Changes& changes);
absl::Status AddScore(const ScoreKey& key, absl::string_view body, Changes& changes);
absl::Status AddFact(absl::string_view resource, absl::string_view body, Changes& changes);
absl::Status AddAlert(absl::string_view body, Changes& changes);

}  // namespace orewatch::alerting
