// What readers see: the rules and alerts of the last commit.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/functional/function_ref.h"
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
  // How many alerts to look at.
  size_t limit = 0;
  // Only what this caller may see.
  std::string principal = {};
};

// An alert and the rule that raised it, unless that is gone.
struct RuledAlert {
  Alert alert;
  std::optional<Rule> rule = std::nullopt;
};

struct AlertPage {
  std::vector<RuledAlert> alerts;
  // The last alert that was looked at, if more lie behind it.
  std::optional<AlertRank> next = std::nullopt;
};

// What an answer reflects.
struct Position {
  Revision applied;
  int64_t sequence = 0;
  std::optional<absl::Time> silent_since = std::nullopt;
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
  // By id, those that the principal may read; at most `limit`.
  std::vector<Rule> RulesAfter(const std::string& id, size_t limit, const std::string& principal) const;
  // By the id of the alert.
  std::optional<RuledAlert> FindAlert(const std::string& id, Position& position) const;
  // What receivers were told that it fires and not yet that it has ended, and what they were told to have ended at or
  // after `since`, of what the principal may see. In no order. `take` gets the rule or null, and a number that no other
  // alert has, and this one no longer when it or its rule has changed; it runs under the view's lock.
  void ForEachAnnounced(absl::Time since, const std::string& principal, Position& position,
                        absl::FunctionRef<void(const Alert& alert, const Rule* rule, int64_t stamp)> take) const;
  // The worst and newest first. Takes time in proportion to the limit, however many alerts there are.
  AlertPage ListAlerts(const AlertQuery& query, Position& position) const;

 private:
  struct Kept {
    Alert alert;
    int64_t stamp = 0;
  };
  struct Ranked {
    AlertRank rank;
    const Alert* alert;
    bool operator<(const Ranked& other) const { return rank.Before(other.rank); }
  };
  using Index = absl::btree_set<Ranked>;

  void Put(const Alert& alert) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddToIndices(const Kept& kept) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RemoveFromIndices(const Kept& kept) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The smallest index that holds all that the query can match; null: nothing can.
  const Index* IndexOf(const AlertQuery& query) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RuleChanged(const std::string& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const Rule* RuleOf(const Alert& alert) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  RuledAlert WithRule(const Alert& alert) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Publish() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  AlertMetrics& metrics_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Rule> rules_ ABSL_GUARDED_BY(mutex_);
  // By id; the indices point into it.
  absl::node_hash_map<std::string, Kept> alerts_ ABSL_GUARDED_BY(mutex_);
  int64_t last_stamp_ ABSL_GUARDED_BY(mutex_) = 0;
  // By when receivers were told that it has ended; infinite: not yet. What they were never told of is not there.
  absl::btree_set<std::pair<absl::Time, const Kept*>> by_end_told_ ABSL_GUARDED_BY(mutex_);
  // By rank, in which the alerts of one state stand together.
  Index by_rank_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Index> by_rule_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Index> by_subject_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<AlertState, Severity>, int64_t> counts_ ABSL_GUARDED_BY(mutex_);
  int64_t flapping_ ABSL_GUARDED_BY(mutex_) = 0;
  Position position_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::alerting
