// The one writer of alert state: takes scores, ticks and changes of rules, and stores what follows from them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/notifier.h"
#include "common/time/clock.h"
#include "services/alerting/domain/reconciler.h"
#include "services/alerting/engine/alert_metrics.h"
#include "services/alerting/engine/alert_view.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::alerting {

// A change of one rule.
struct RuleEdit {
  std::string id;
  // Empty: whatever it is now.
  std::string etag;
  // Create the rule if it does not exist.
  bool allow_missing = false;
  bool validate_only = false;
  // Makes the new rule of the current one, or of none. Its error is the answer.
  absl::FunctionRef<absl::StatusOr<Rule>(const Rule* current)> change;
};

// A deletion of one rule.
struct RuleDeletion {
  std::string id;
  // Empty: whatever it is now.
  std::string etag;
  // Succeed if there is no such rule.
  bool allow_missing = false;
  bool validate_only = false;
};

// Under which id a caller sent a request.
struct RequestKey {
  std::string principal;
  std::string request_id;
  std::string fingerprint;
};

// Thread-safe. Writers take turns and block until what they did is durable; readers use view() and never wait for them.
// A commit that fails leaves no trace: the world is loaded again before the next one. Every method that writes can
// return UNAVAILABLE or DATA_LOSS from the store.
class AlertEngine {
 public:
  static constexpr size_t kMaxRules = 1000;

  // The three outlive the engine.
  struct Dependencies {
    AlertStore& store;
    const Clock& clock;
    AlertMetrics& metrics;
    // Who is told of changes: each gets a delivery in the transaction that stores the change.
    std::vector<DeliveryTarget> targets = {};
  };

  // Loads what the store holds.
  static absl::StatusOr<std::unique_ptr<AlertEngine>> Open(const Dependencies& dependencies);

  // Takes over a revision; a repeated or older one does no harm. From then on the input counts as live.
  absl::Status ApplyScores(const ScoreBatch& batch);
  // Scores have stopped arriving. Alerts keep their state and the grid stands still until a revision is applied again;
  // the ticks missed are then taken to have had the values that it brought.
  absl::Status InputLost();
  // Evaluates the grid up to now, if the input is live.
  absl::Status AdvanceGrid();

  // Adds default rules to a store that has never held a rule, and remembers that this has been decided: a default rule
  // that somebody deletes stays deleted.
  absl::Status AddDefaultRules(const std::vector<Rule>& rules);
  // True until AddDefaultRules has succeeded once in the life of the store.
  absl::StatusOr<bool> WantsDefaultRules();

  // The rule has been checked. ALREADY_EXISTS, RESOURCE_EXHAUSTED if there are too many, INVALID_ARGUMENT if the
  // request id belongs to another request. Repeating a request returns its first answer.
  absl::StatusOr<Rule> CreateRule(Rule rule, const std::optional<RequestKey>& request, bool validate_only);
  // NOT_FOUND, ABORTED with reason ETAG_MISMATCH, RESOURCE_EXHAUSTED; repetitions as of CreateRule.
  absl::StatusOr<Rule> EditRule(const RuleEdit& edit, const std::optional<RequestKey>& request = std::nullopt);
  // NOT_FOUND unless `allow_missing`, ABORTED with reason ETAG_MISMATCH; repetitions as of CreateRule.
  absl::Status DeleteRule(const RuleDeletion& deletion, const std::optional<RequestKey>& request = std::nullopt);

  const AlertView& view() const { return view_; }
  AlertStore& store() const { return store_; }
  const Clock& clock() const { return clock_; }
  // Notified after each commit with transitions.
  rpc::Notifier& transitions() { return transitions_; }
  // Notified after each revision that was applied, without a lock held; the view shows it by then.
  rpc::Notifier& applied() { return applied_; }

 private:
  explicit AlertEngine(const Dependencies& dependencies);

  // One commit in the making.
  struct Draft {
    Reconciler reconciler;
    absl::Time start;
    std::optional<AnsweredRequest> request = std::nullopt;
    bool defaults_loaded = false;
  };
  absl::Status TakeScores(const ScoreBatch& batch);
  absl::Status EnsureLoaded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Draft Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Stores the draft and shows it to readers.
  absl::Status Finish(Draft draft) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckRoomForRule() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The rule that answered the same request before, if it was one that may be repeated.
  absl::StatusOr<std::optional<Rule>> EarlierAnswer(const std::optional<RequestKey>& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Has the draft remember its answer, if the request may be repeated.
  void Remember(const std::optional<RequestKey>& request, const Rule& answer, Draft& draft) const;

  AlertStore& store_;
  const Clock& clock_;
  AlertMetrics& metrics_;
  const std::vector<DeliveryTarget> targets_;
  AlertView view_;
  rpc::Notifier transitions_;
  rpc::Notifier applied_;

  absl::Mutex mutex_;
  // Equal to what the store holds while `loaded_`.
  World world_ ABSL_GUARDED_BY(mutex_);
  bool loaded_ ABSL_GUARDED_BY(mutex_) = false;
  bool input_live_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace orewatch::alerting
