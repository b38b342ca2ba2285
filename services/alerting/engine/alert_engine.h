// Where alert state is changed: takes scores, ticks and changes of rules, and stores what follows from them.
#pragma once

#include <cstdint>
#include <map>
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
#include "services/alerting/engine/edits.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::alerting {

// A term in which this engine evaluates.
struct HeldLease {
  int64_t epoch = 0;
  // Nobody else can have the lease before, if it is not given up.
  absl::Time until;
};

// What alerting follows.
enum class Source { kScores, kFacts };

// One of any number of engines on one store. Thread-safe. Writers take turns and block until what they did is durable;
// readers use view() and never wait for them. Whoever holds the lease applies scores and ticks; everybody changes
// rules. A commit that another came before is made again from where that left the world. A commit that fails leaves no
// trace. Every method that writes can return UNAVAILABLE or DATA_LOSS from the store.
class AlertEngine {
 public:
  static constexpr size_t kMaxRules = 1000;
  // So often a commit is made again before it is given up with ABORTED, reason STALE_STATE.
  static constexpr int kMaxAttempts = 16;

  // The three outlive the engine.
  struct Dependencies {
    AlertStore& store;
    const Clock& clock;
    AlertMetrics& metrics;
    // Unlike that of any other engine on the store.
    std::string holder = "alerting";
    // Another takes over this long after the last sign of life.
    absl::Duration lease_life = absl::Seconds(15);
    // Who is told of changes: each gets a delivery in the transaction that stores the change. The same for all engines
    // on the store.
    std::vector<DeliveryTarget> targets = {};
  };

  // Loads what the store holds, and takes the lease if it is free.
  static absl::StatusOr<std::unique_ptr<AlertEngine>> Open(const Dependencies& dependencies);

  // Takes the lease if it is free, and keeps it; to be called again and again, well within its life.
  absl::Status KeepLease();
  // So that another may take it at once.
  void GiveUpLease();
  // Nothing: another evaluates.
  std::optional<HeldLease> lease() const;
  // Others may have brought the store to a version: catches up with it.
  absl::Status Hear(const Version& head);

  // From here on the input is not whole without facts.
  void FollowFacts();
  FactPosition facts_position() const;
  // Something is known about a thing in the registry, or an alert is about it.
  bool Knows(const std::string& resource) const;

  // The next five are for who holds the lease; without it the first two are ABORTED with reason LEASE_LOST, and the
  // two after them do nothing.

  // Take over a revision; a repeated or older one does no harm. Once all that is followed has come, the input counts as
  // live.
  absl::Status ApplyScores(const ScoreBatch& batch);
  absl::Status ApplyFacts(const FactBatch& batch);
  // They have stopped arriving. Alerts keep their state and the grid stands still until a revision is applied again;
  // the ticks missed are then taken to have had the values that it brought.
  absl::Status InputLost(Source source = Source::kScores);
  // Evaluates the grid up to now; if the input is not live, how long it has been silent.
  absl::Status AdvanceGrid();
  // Has the store drop what nobody needs any longer. ABORTED with reason LEASE_LOST without the lease.
  absl::Status Drop(const Dropped& dropped);

  // Adds default rules to a store that has never held a rule, and remembers that this has been decided: a default rule
  // that somebody deletes stays deleted.
  absl::Status AddDefaultRules(const std::vector<Rule>& rules);
  // True until AddDefaultRules has succeeded once in the life of the store.
  absl::StatusOr<bool> WantsDefaultRules();

  // The rule has been checked. ALREADY_EXISTS (also if a rule of somebody else had the id, whose alerts are kept),
  // RESOURCE_EXHAUSTED if there are too many, INVALID_ARGUMENT if the request id belongs to another request. Repeating
  // a request returns its first answer.
  absl::StatusOr<Rule> CreateRule(Rule rule, const std::optional<RequestKey>& request, bool validate_only,
                                  const std::string& principal = "");
  // NOT_FOUND (also for who may not read the rule), PERMISSION_DENIED with reason NOT_OWNER, ABORTED with reason
  // ETAG_MISMATCH, RESOURCE_EXHAUSTED; repetitions as of CreateRule.
  absl::StatusOr<Rule> EditRule(const RuleEdit& edit, const std::optional<RequestKey>& request = std::nullopt);
  // NOT_FOUND unless `allow_missing`, PERMISSION_DENIED with reason NOT_OWNER, ABORTED with reason ETAG_MISMATCH;
  // repetitions as of CreateRule.
  absl::Status DeleteRule(const RuleDeletion& deletion, const std::optional<RequestKey>& request = std::nullopt);

  // The alert as the action left it. NOT_FOUND, ABORTED with reason ETAG_MISMATCH, FAILED_PRECONDITION with reason
  // ALERT_NOT_LIVE, NOT_ACKNOWLEDGED or NOT_SNOOZED; repetitions as of CreateRule.
  absl::StatusOr<Alert> ActOnAlert(const AlertAction& action, const std::optional<RequestKey>& request);

  const Clock& clock() const { return clock_; }
  const StoreIdentity& identity() const { return store_.identity(); }
  const AlertView& view() const { return view_; }
  AlertStore& store() const { return store_; }
  // Notified after each commit with transitions, of this engine or another.
  rpc::Notifier& transitions() { return transitions_; }
  // Notified after each revision that was applied, here or by another, without a lock held; the view shows it by then.
  rpc::Notifier& applied() { return applied_; }

 private:
  explicit AlertEngine(const Dependencies& dependencies);

  enum class Who { kAnybody, kLeaseHolder };
  // One commit in the making.
  struct Draft {
    Reconciler reconciler;
    absl::Time start;
    std::optional<int64_t> epoch = std::nullopt;
    std::optional<AnsweredRequest> request = std::nullopt;
    bool defaults_loaded = false;
    Dropped dropped = {};
    // Of before it.
    bool knows_scores = false;
    bool knows_facts = false;
    // Nobody looked before: what it finds may have begun long ago.
    bool looks_first = false;
    // Everything is arriving while it is made.
    bool input_live = false;
    // What arrives once it is committed; unset: what did before.
    std::optional<Source> arrives = std::nullopt;
    // There is nothing to do after all.
    bool idle = false;
  };
  struct RuleCreation {
    Rule rule;
    bool validate_only = false;
    // Who asks.
    std::string principal;
  };
  // May run more than once. What returns an error, or makes the draft idle, has changed nothing.
  using Step = absl::FunctionRef<absl::Status(Draft&)>;

  // Makes one commit of a step, and has those know who wait for what it changed.
  absl::Status Run(Who who, Step step);
  // The same of an evaluation, whose failure counts.
  absl::Status Evaluate(Step step);
  absl::Status RunUnderLock(Who who, Step step) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status RunOnce(Who who, Step step) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status EnsureLoaded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Brings the world to the last commit, whatever a step that was not committed has made of it.
  absl::Status CatchUp(const Changes& uncommitted) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Draft Begin(std::optional<int64_t> epoch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Stores the draft and shows it to readers.
  absl::Status Finish(Draft draft) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // How long it took to find out, of entries that have been stored.
  void CountDetected(const std::vector<Transition>& entries);
  absl::Status EvaluateGrid();
  // Which ticks up to this one nobody has evaluated in the term.
  void CountMissed(int64_t epoch, int64_t tick, bool evaluated) ABSL_LOCKS_EXCLUDED(lease_mutex_);
  absl::Status Store(const Commit& commit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Show(const Changes& changes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteStoredInput(bool live) ABSL_LOCKS_EXCLUDED(lease_mutex_);
  void NoteLive(Source source, int64_t epoch) ABSL_LOCKS_EXCLUDED(lease_mutex_);
  // What the input is once something has arrived in the term.
  Input InputWith(Source source) const ABSL_LOCKS_EXCLUDED(lease_mutex_);
  absl::Status Take(Source source, absl::Time commit_time, absl::FunctionRef<bool(Reconciler&, Input)> apply);
  void ShowInput() ABSL_EXCLUSIVE_LOCKS_REQUIRED(lease_mutex_);
  absl::StatusOr<std::optional<int64_t>> AskForLease();
  // Never waits for an evaluation, however long it takes.
  void SetLease(const std::optional<HeldLease>& lease) ABSL_LOCKS_EXCLUDED(lease_mutex_);
  // Has arrived in this term and has not stopped, or is not followed.
  bool IsLive(Source source) const ABSL_SHARED_LOCKS_REQUIRED(lease_mutex_);
  bool InputIsLive() const ABSL_SHARED_LOCKS_REQUIRED(lease_mutex_);
  bool input_live() const ABSL_LOCKS_EXCLUDED(lease_mutex_);

  absl::Status StepCreateRule(const RuleCreation& creation, const std::optional<RequestKey>& request, Draft& draft,
                              Rule& answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status StepEditRule(const RuleEdit& edit, const std::optional<RequestKey>& request, Draft& draft, Rule& answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status StepDeleteRule(const RuleDeletion& deletion, const std::optional<RequestKey>& request, Draft& draft)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status StepActOnAlert(const AlertAction& action, const std::optional<RequestKey>& request, Draft& draft,
                              Alert& answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether alerts remain of a rule with this id that belonged to somebody else.
  bool HasAnothersPast(const std::string& rule, const std::string& principal) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckRoomForRule() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // INVALID_ARGUMENT if it does not go with the other rules.
  absl::Status CheckPlace(const Rule& rule) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The rule that answered the same request before, if it was one that may be repeated.
  absl::StatusOr<std::optional<Rule>> EarlierAnswer(const std::optional<RequestKey>& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::optional<AnsweredRequest>> EarlierRequest(const std::optional<RequestKey>& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Has the draft remember its answer, if the request may be repeated.
  void Remember(const std::optional<RequestKey>& request, Answer answer, Draft& draft) const;

  AlertStore& store_;
  const Clock& clock_;
  AlertMetrics& metrics_;
  const std::string holder_;
  const absl::Duration lease_life_;
  const std::vector<DeliveryTarget> targets_;
  AlertView view_;
  rpc::Notifier transitions_;
  rpc::Notifier applied_;

  mutable absl::Mutex mutex_;
  // What the store holds at the version, while `loaded_`.
  World world_ ABSL_GUARDED_BY(mutex_);
  Version version_ ABSL_GUARDED_BY(mutex_);
  bool loaded_ ABSL_GUARDED_BY(mutex_) = false;

  mutable absl::Mutex lease_mutex_ ABSL_ACQUIRED_AFTER(mutex_);
  std::optional<HeldLease> lease_ ABSL_GUARDED_BY(lease_mutex_);
  // In which the source has arrived and has not stopped; 0: none.
  std::map<Source, int64_t> live_epochs_ ABSL_GUARDED_BY(lease_mutex_);
  bool follows_facts_ ABSL_GUARDED_BY(lease_mutex_) = false;
  // The last tick that has been looked at, evaluated or not, and the term that it was in.
  int64_t grid_epoch_ ABSL_GUARDED_BY(lease_mutex_) = 0;
  int64_t grid_tick_ ABSL_GUARDED_BY(lease_mutex_) = 0;
  // What the store says of the input, whoever evaluates.
  bool stored_input_ ABSL_GUARDED_BY(lease_mutex_) = false;
};

}  // namespace orewatch::alerting
