// What readers see: the rules and alerts of the last commit.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "services/alerting/domain/world.h"
#include "services/alerting/engine/alert_metrics.h"

namespace orewatch::alerting {

// Where an alert stands in a list, the worst and newest first; unique among alerts.
struct AlertRank {
  // Greater is worse.
  int urgency = 0;
  int severity = 0;
  int64_t sequence = 0;

  friend bool operator==(const AlertRank&, const AlertRank&) = default;
  bool Before(const AlertRank& other) const {
    return std::tie(urgency, severity, sequence) > std::tie(other.urgency, other.severity, other.sequence);
  }
};

AlertRank RankOf(const Alert& alert);

// Unset fields match all.
struct AlertQuery {
  std::optional<AlertState> state = std::nullopt;
  std::string rule;
  std::string subject;
  // Only alerts behind this one.
  std::optional<AlertRank> after = std::nullopt;
  size_t limit = 0;
};

// An alert and the rule that raised it, unless that is gone.
struct RuledAlert {
  Alert alert;
  std::optional<Rule> rule = std::nullopt;
};

struct AlertPage {
  std::vector<RuledAlert> alerts;
  bool more = false;
};

// What an answer reflects.
struct Position {
  Revision applied;
  int64_t sequence = 0;
  // Scores are arriving; else every value may be out of date.
  bool input_live = false;
};

// Thread-safe; answers from memory and never waits for storage. Every answer is consistent with the position beside it.
class AlertView {
 public:
  explicit AlertView(AlertMetrics& metrics) : metrics_(metrics) {}

  // By the engine alone, in the order of its commits.
  void Reset(const World& world);
  void Apply(const Changes& changes);
  void SetInputLive(bool live);

  Position position() const;
  std::optional<Rule> FindRule(const std::string& id) const;
  // By id; at most `limit`.
  std::vector<Rule> RulesAfter(const std::string& id, size_t limit) const;
  // By the id of the alert.
  std::optional<RuledAlert> FindAlert(const std::string& id, Position& position) const;
  // In no order.
  std::vector<RuledAlert> FiringOrEndedSince(absl::Time since, Position& position) const;
  AlertPage ListAlerts(const AlertQuery& query, Position& position) const;

 private:
  RuledAlert WithRule(const Alert& alert) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Publish() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  AlertMetrics& metrics_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Rule> rules_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Alert> alerts_ ABSL_GUARDED_BY(mutex_);
  Position position_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::alerting
