#include "services/alerting/engine/alert_engine.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/alerting/domain/follow.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

// How long a repeated request finds its first answer.
constexpr absl::Duration kAnswerLifetime = absl::Hours(24);

void LogEntry(const TimelineEntry& entry) {
  const Alert& alert = entry.after;
  log::Info("something happened to an alert", {{"alert", alert.Id()},
                                               {"subject", alert.key.score.subject},
                                               {"kind", KindName(entry.kind)},
                                               {"from", StateName(entry.from)},
                                               {"to", StateName(alert.state)},
                                               {"reason", ReasonName(entry.reason)},
                                               {"principal", entry.principal},
                                               {"revision", entry.revision.number},
                                               {"sequence", alert.sequence}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<AlertEngine>> AlertEngine::Open(const Dependencies& dependencies) {
  auto engine = std::unique_ptr<AlertEngine>(new AlertEngine(dependencies));
  OREWATCH_RETURN_IF_ERROR(engine->KeepLease());
  absl::MutexLock lock(&engine->mutex_);
  OREWATCH_RETURN_IF_ERROR(engine->EnsureLoaded());
  return engine;
}

AlertEngine::AlertEngine(const Dependencies& dependencies)
    : store_(dependencies.store),
      clock_(dependencies.clock),
      metrics_(dependencies.metrics),
      holder_(dependencies.holder),
      lease_life_(dependencies.lease_life),
      targets_(dependencies.targets),
      view_(dependencies.metrics) {}

absl::Status AlertEngine::KeepLease() {
  const std::optional<HeldLease> before = lease();
  const absl::Time asked = clock_.Now();
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<int64_t> epoch, AskForLease());
  SetLease(epoch.has_value() ? std::optional(HeldLease{*epoch, asked + lease_life_}) : std::nullopt);
  if (!epoch.has_value() || (before.has_value() && before->epoch == *epoch)) {
    return absl::OkStatus();
  }
  // Whoever had it before may have left more than has been heard of.
  absl::MutexLock lock(&mutex_);
  return CatchUp({});
}

absl::StatusOr<std::optional<int64_t>> AlertEngine::AskForLease() {
  absl::StatusOr<std::optional<int64_t>> epoch = store_.TakeLease(holder_, lease_life_);
  if (const auto held = lease(); !epoch.ok() && held.has_value() && held->until <= clock_.Now()) {
    SetLease(std::nullopt);
  }
  return epoch;
}

void AlertEngine::GiveUpLease() {
  const std::optional<HeldLease> held = lease();
  SetLease(std::nullopt);
  if (held.has_value()) {
    // Else it ends by itself.
    store_.GiveUpLease(held->epoch).IgnoreError();
  }
}

std::optional<HeldLease> AlertEngine::lease() const {
  absl::MutexLock lock(&lease_mutex_);
  return lease_;
}

void AlertEngine::SetLease(const std::optional<HeldLease>& lease) {
  absl::MutexLock lock(&lease_mutex_);
  const int64_t before = lease_.has_value() ? lease_->epoch : 0;
  const int64_t now = lease.has_value() ? lease->epoch : 0;
  lease_ = lease;
  if (now == before) {
    return;
  }
  log::Info(now != 0 ? "evaluates from here on" : "evaluates no longer", {{"epoch", now != 0 ? now : before}});
  metrics_.replica().ShowLease(now);
  ShowInput();
}

bool AlertEngine::IsLive(Source source) const {
  if (source == Source::kFacts && !follows_facts_) {
    return true;
  }
  const auto live = live_epochs_.find(source);
  return lease_.has_value() && live != live_epochs_.end() && live->second == lease_->epoch;
}

bool AlertEngine::InputIsLive() const { return IsLive(Source::kScores) && IsLive(Source::kFacts); }

Input AlertEngine::InputWith(Source source) const {
  absl::MutexLock lock(&lease_mutex_);
  return IsLive(source == Source::kScores ? Source::kFacts : Source::kScores) ? Input::kWhole : Input::kPartial;
}

bool AlertEngine::input_live() const {
  absl::MutexLock lock(&lease_mutex_);
  return InputIsLive();
}

void AlertEngine::NoteStoredInput(bool live) {
  absl::MutexLock lock(&lease_mutex_);
  stored_input_ = live;
  ShowInput();
}

void AlertEngine::NoteLive(Source source, int64_t epoch) {
  absl::MutexLock lock(&lease_mutex_);
  live_epochs_[source] = epoch;
  ShowInput();
}

void AlertEngine::FollowFacts() {
  absl::MutexLock lock(&lease_mutex_);
  follows_facts_ = true;
  ShowInput();
}

FactPosition AlertEngine::facts_position() const {
  absl::MutexLock lock(&mutex_);
  return world_.facts_position;
}

bool AlertEngine::Knows(const std::string& resource) const {
  absl::MutexLock lock(&mutex_);
  return world_.facts.contains(resource) || world_.alerts.AnyAbout(SubjectKey(resource));
}

void AlertEngine::ShowInput() { view_.SetInputLive(lease_.has_value() ? InputIsLive() : stored_input_); }

absl::Status AlertEngine::Hear(const Version& head) {
  const Revision before = view_.position().applied;
  {
    absl::MutexLock lock(&mutex_);
    if (loaded_ && head == version_) {
      return absl::OkStatus();
    }
    metrics_.replica().ShowLag(std::max<int64_t>(head.number - version_.number, 0));
    OREWATCH_RETURN_IF_ERROR(CatchUp({}));
  }
  if (view_.position().applied != before) {
    applied_.NotifyAll();
  }
  return absl::OkStatus();
}

absl::Status AlertEngine::ApplyScores(const ScoreBatch& batch) {
  return Take(Source::kScores, batch.commit_time,
              [&](Reconciler& reconciler, Input input) { return reconciler.ApplyScores(batch, input); });
}

absl::Status AlertEngine::ApplyFacts(const FactBatch& batch) {
  return Take(Source::kFacts, batch.commit_time,
              [&](Reconciler& reconciler, Input input) { return reconciler.ApplyFacts(batch, input); });
}

absl::Status AlertEngine::Take(Source source, absl::Time commit_time,
                               absl::FunctionRef<bool(Reconciler&, Input)> apply) {
  OREWATCH_RETURN_IF_ERROR(Evaluate([&](Draft& draft) {
    draft.looks_first = !(source == Source::kScores ? draft.knows_scores : draft.knows_facts);
    if (Follow({commit_time, draft.input_live, InputWith(source)}, draft.reconciler, apply)) {
      draft.arrives = source;
    }
    return absl::OkStatus();
  }));
  applied_.NotifyAll();
  return absl::OkStatus();
}

absl::Status AlertEngine::InputLost(Source source) {
  bool was_live = false;
  {
    absl::MutexLock lock(&lease_mutex_);
    was_live = InputIsLive();
    if (!lease_.has_value() || (!was_live && !stored_input_)) {
      live_epochs_.erase(source);
      return absl::OkStatus();
    }
    live_epochs_.erase(source);
    ShowInput();
  }
  return Evaluate([&](Draft& draft) {
    // Up to the break the values were current.
    if (was_live) {
      draft.reconciler.AdvanceGrid();
    }
    draft.reconciler.LoseInput();
    return absl::OkStatus();
  });
}

absl::Status AlertEngine::AdvanceGrid() {
  const std::optional<HeldLease> held = lease();
  if (!held.has_value()) {
    return absl::OkStatus();
  }
  const int64_t tick = TickAt(clock_.Now());
  absl::Status status = EvaluateGrid();
  CountMissed(held->epoch, tick, status.ok());
  return status;
}

void AlertEngine::CountMissed(int64_t epoch, int64_t tick, bool evaluated) {
  absl::MutexLock lock(&lease_mutex_);
  // Those before the term were another's.
  const int64_t before = grid_epoch_ == epoch ? grid_tick_ : tick - 1;
  grid_epoch_ = epoch;
  grid_tick_ = std::max(before, tick);
  if (tick > before) {
    metrics_.CountMissed(tick - before - (evaluated ? 1 : 0));
  }
}

absl::Status AlertEngine::EvaluateGrid() {
  return Evaluate([&](Draft& draft) {
    const bool expired = draft.reconciler.ExpireAttention();
    if (draft.input_live) {
      draft.idle = !draft.reconciler.AdvanceGrid() && !expired;
    } else {
      // Also in a new term, from whose beginning on nothing has come.
      draft.reconciler.LoseInput();
      draft.reconciler.AdvanceSilence();
    }
    return absl::OkStatus();
  });
}

absl::Status AlertEngine::Drop(const Dropped& dropped) {
  return Run(Who::kLeaseHolder, [&](Draft& draft) {
    draft.dropped = dropped;
    draft.idle = dropped.empty();
    return absl::OkStatus();
  });
}

absl::Status AlertEngine::Evaluate(Step step) {
  absl::Status status = Run(Who::kLeaseHolder, step);
  if (!status.ok()) {
    metrics_.CountFailure(status);
  }
  return status;
}

absl::Status AlertEngine::Run(Who who, Step step) {
  const Revision before = view_.position().applied;
  absl::Status status = RunUnderLock(who, step);
  // Others may have applied a revision meanwhile.
  if (view_.position().applied != before) {
    applied_.NotifyAll();
  }
  return status;
}

absl::Status AlertEngine::RunUnderLock(Who who, Step step) {
  absl::MutexLock lock(&mutex_);
  for (int attempt = 1;; ++attempt) {
    // Rules are changed as they are now, not as they were when this engine heard of them last.
    OREWATCH_RETURN_IF_ERROR(who == Who::kAnybody ? CatchUp({}) : EnsureLoaded());
    absl::Status status = RunOnce(who, step);
    if (ErrorReason(status) != ErrorReason(StaleState()) || attempt == kMaxAttempts) {
      return status;
    }
    metrics_.replica().CountRetry();
  }
}

absl::Status AlertEngine::RunOnce(Who who, Step step) {
  std::optional<int64_t> epoch;
  if (who == Who::kLeaseHolder) {
    const std::optional<HeldLease> held = lease();
    if (!held.has_value()) {
      return LeaseLost();
    }
    epoch = held->epoch;
  }
  Draft draft = Begin(epoch);
  OREWATCH_RETURN_IF_ERROR(step(draft));
  return draft.idle ? absl::OkStatus() : Finish(std::move(draft));
}

absl::Status AlertEngine::EnsureLoaded() { return loaded_ ? absl::OkStatus() : Load(); }

absl::Status AlertEngine::Load() {
  OREWATCH_ASSIGN_OR_RETURN(StoredWorld stored, store_.Load());
  world_ = std::move(stored.world);
  version_ = std::move(stored.version);
  loaded_ = true;
  NoteStoredInput(world_.position().InputIsLive());
  metrics_.replica().ShowLag(0);
  view_.Reset(world_);
  transitions_.NotifyAll();
  return absl::OkStatus();
}

absl::Status AlertEngine::CatchUp(const Changes& uncommitted) {
  if (!loaded_ || uncommitted.Count() > AlertStore::kMaxAdvance) {
    return Load();
  }
  absl::StatusOr<Advance> advance = store_.CatchUp(version_, uncommitted);
  if (ErrorReason(advance.status()) == ErrorReason(MustLoad())) {
    return Load();
  }
  OREWATCH_RETURN_IF_ERROR(advance.status());
  metrics_.replica().ShowLag(0);
  if (advance->version == version_ && uncommitted.OnlyPosition()) {
    return absl::OkStatus();
  }
  Forget(uncommitted, world_);
  Apply(advance->changes, world_);
  version_ = std::move(advance->version);
  Show(advance->changes);
  return absl::OkStatus();
}

AlertEngine::Draft AlertEngine::Begin(std::optional<int64_t> epoch) {
  const absl::Time now = clock_.Now();
  return {.reconciler = Reconciler(world_, now),
          .start = now,
          .epoch = epoch,
          .knows_scores = world_.applied != Revision(),
          .knows_facts = world_.facts_position.revision != Revision(),
          .input_live = epoch.has_value() && input_live()};
}

absl::Status AlertEngine::Finish(Draft draft) {
  Commit commit{.base = version_,
                .epoch = draft.epoch,
                .changes = draft.reconciler.TakeChanges(),
                .request = std::move(draft.request),
                .defaults_loaded = draft.defaults_loaded,
                .dropped = std::move(draft.dropped)};
  commit.deliveries = DeliveriesOf(commit.changes.transitions, targets_);
  const Position before = view_.position();
  const bool moved = commit.changes.position.Reflected() != before.applied ||
                     commit.changes.position.silent_since != before.silent_since;
  // A tick on which nothing happened need not be remembered.
  if (!commit.changes.OnlyPosition() || moved || commit.defaults_loaded || commit.request.has_value() ||
      !commit.dropped.empty()) {
    OREWATCH_RETURN_IF_ERROR(Store(commit));
    if (draft.epoch.has_value() && !draft.looks_first) {
      CountDetected(commit.changes.transitions);
    }
  }
  if (draft.arrives.has_value()) {
    NoteLive(*draft.arrives, *draft.epoch);
  }
  if (commit.dropped.empty()) {
    metrics_.CountEvaluation(draft.start, clock_.Now() - draft.start);
  }
  return absl::OkStatus();
}

void AlertEngine::CountDetected(const std::vector<Transition>& entries) {
  const absl::Time now = clock_.Now();
  for (const Transition& entry : entries) {
    const bool found =
        entry.reason == Reason::kConditionMet || entry.reason == Reason::kHeld || entry.reason == Reason::kNoData;
    if (entry.ChangesState() && entry.after.state == AlertState::kFiring && found) {
      metrics_.notify().Detected(now - entry.time);
    }
  }
}

absl::Status AlertEngine::Store(const Commit& commit) {
  absl::StatusOr<Version> stored = store_.Write(commit);
  if (!stored.ok()) {
    if (ErrorReason(stored.status()) == ErrorReason(LeaseLost())) {
      SetLease(std::nullopt);
    }
    if (ErrorReason(stored.status()) != ErrorReason(StaleState())) {
      log::Error("alert state could not be stored", {{"status", stored.status().ToString()}});
    }
    loaded_ = CatchUp(commit.changes).ok();
    return stored.status();
  }
  version_ = *std::move(stored);
  for (const Transition& transition : commit.changes.transitions) {
    metrics_.CountEntry(transition);
    LogEntry(transition);
  }
  Show(commit.changes);
  return absl::OkStatus();
}

void AlertEngine::Show(const Changes& changes) {
  const int64_t before = view_.position().sequence;
  view_.Apply(changes);
  NoteStoredInput(changes.position.InputIsLive());
  if (view_.position().sequence != before) {
    transitions_.NotifyAll();
  }
}

absl::StatusOr<std::optional<AnsweredRequest>> AlertEngine::EarlierRequest(const std::optional<RequestKey>& request) {
  if (!request.has_value()) {
    return std::nullopt;
  }
  OREWATCH_ASSIGN_OR_RETURN(std::optional<AnsweredRequest> earlier,
                            store_.FindAnswer(request->principal, request->request_id, clock_.Now() - kAnswerLifetime));
  if (earlier.has_value() && earlier->fingerprint != request->fingerprint) {
    return InvalidField("request_id", "has been used for another request");
  }
  return earlier;
}

void AlertEngine::Remember(const std::optional<RequestKey>& request, Answer answer, Draft& draft) const {
  if (request.has_value()) {
    draft.request = AnsweredRequest{.principal = request->principal,
                                    .request_id = request->request_id,
                                    .fingerprint = request->fingerprint,
                                    .answer = std::move(answer),
                                    .time = clock_.Now()};
  }
}

}  // namespace orewatch::alerting
