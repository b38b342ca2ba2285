#include "services/alerting/engine/alert_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace orewatch::alerting {
namespace {

// How long a repeated request finds its first answer.
constexpr absl::Duration kAnswerLifetime = absl::Hours(24);

std::string NameOf(const std::string& rule_id) { return absl::StrCat("rules/", rule_id); }

absl::Status RuleNotFound(const std::string& id) {
  return MakeError(absl::StatusCode::kNotFound, "RULE_NOT_FOUND", absl::StrCat("there is no ", NameOf(id)),
                   {{"name", NameOf(id)}});
}

absl::Status CheckEtag(const Rule& rule, const std::string& etag) {
  if (etag.empty() || etag == rule.etag) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                   absl::StrCat(NameOf(rule.id), " has changed since it was read"),
                   {{"name", NameOf(rule.id)}, {"etag", rule.etag}});
}

void LogTransition(const Transition& transition) {
  const Alert& alert = transition.after;
  log::Info("alert changed its state", {{"alert", alert.Id()},
                                        {"subject", alert.key.score.subject},
                                        {"from", StateName(transition.from)},
                                        {"to", StateName(alert.state)},
                                        {"reason", ReasonName(transition.reason)},
                                        {"revision", transition.revision.number},
                                        {"sequence", alert.sequence}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<AlertEngine>> AlertEngine::Open(const Dependencies& dependencies) {
  auto engine = std::unique_ptr<AlertEngine>(new AlertEngine(dependencies));
  absl::MutexLock lock(&engine->mutex_);
  OREWATCH_RETURN_IF_ERROR(engine->EnsureLoaded());
  return engine;
}

AlertEngine::AlertEngine(const Dependencies& dependencies)
    : store_(dependencies.store),
      clock_(dependencies.clock),
      metrics_(dependencies.metrics),
      targets_(dependencies.targets),
      view_(dependencies.metrics) {}

absl::Status AlertEngine::ApplyScores(const ScoreBatch& batch) {
  OREWATCH_RETURN_IF_ERROR(TakeScores(batch));
  applied_.NotifyAll();
  return absl::OkStatus();
}

absl::Status AlertEngine::TakeScores(const ScoreBatch& batch) {
  absl::MutexLock lock(&mutex_);
  OREWATCH_RETURN_IF_ERROR(EnsureLoaded());
  Draft draft = Begin();
  // The ticks before this revision had the values before it, if those were current.
  if (input_live_) {
    draft.reconciler.AdvanceGridTo(batch.commit_time);
  }
  if (draft.reconciler.ApplyScores(batch)) {
    draft.reconciler.AdvanceGrid();
    input_live_ = true;
  }
  OREWATCH_RETURN_IF_ERROR(Finish(std::move(draft)));
  view_.SetInputLive(input_live_);
  return absl::OkStatus();
}

absl::Status AlertEngine::InputLost() {
  absl::MutexLock lock(&mutex_);
  if (!std::exchange(input_live_, false)) {
    return absl::OkStatus();
  }
  view_.SetInputLive(false);
  OREWATCH_RETURN_IF_ERROR(EnsureLoaded());
  Draft draft = Begin();
  // Up to the break the values were current.
  draft.reconciler.AdvanceGrid();
  return Finish(std::move(draft));
}

absl::Status AlertEngine::AdvanceGrid() {
  absl::MutexLock lock(&mutex_);
  if (!input_live_) {
    return absl::OkStatus();
  }
  OREWATCH_RETURN_IF_ERROR(EnsureLoaded());
  Draft draft = Begin();
  if (!draft.reconciler.AdvanceGrid()) {
    return absl::OkStatus();
  }
  return Finish(std::move(draft));
}

absl::StatusOr<bool> AlertEngine::WantsDefaultRules() {
  OREWATCH_ASSIGN_OR_RETURN(const bool loaded, store_.DefaultsLoaded());
  return !loaded;
}

absl::Status AlertEngine::AddDefaultRules(const std::vector<Rule>& rules) {
  absl::MutexLock lock(&mutex_);
  OREWATCH_RETURN_IF_ERROR(EnsureLoaded());
  Draft draft = Begin();
  if (world_.rules.empty()) {
    for (Rule rule : rules) {
      rule.etag = EtagOf(rule);
      draft.reconciler.PutRule(std::move(rule));
    }
  }
  draft.defaults_loaded = true;
  return Finish(std::move(draft));
}

absl::StatusOr<Rule> AlertEngine::CreateRule(Rule rule, const std::optional<RequestKey>& request, bool validate_only) {
  absl::MutexLock lock(&mutex_);
  OREWATCH_RETURN_IF_ERROR(EnsureLoaded());
  OREWATCH_ASSIGN_OR_RETURN(std::optional<Rule> answer, EarlierAnswer(request));
  if (answer.has_value()) {
    return *std::move(answer);
  }
  if (world_.rules.contains(rule.id)) {
    return MakeError(absl::StatusCode::kAlreadyExists, "RULE_EXISTS", absl::StrCat(NameOf(rule.id), " exists"),
                     {{"name", NameOf(rule.id)}});
  }
  OREWATCH_RETURN_IF_ERROR(CheckRoomForRule());
  rule.etag = EtagOf(rule);
  if (validate_only) {
    return rule;
  }
  Draft draft = Begin();
  draft.reconciler.PutRule(rule);
  Remember(request, rule, draft);
  OREWATCH_RETURN_IF_ERROR(Finish(std::move(draft)));
  return rule;
}

absl::StatusOr<Rule> AlertEngine::EditRule(const RuleEdit& edit, const std::optional<RequestKey>& request) {
  absl::MutexLock lock(&mutex_);
  OREWATCH_RETURN_IF_ERROR(EnsureLoaded());
  OREWATCH_ASSIGN_OR_RETURN(std::optional<Rule> answer, EarlierAnswer(request));
  if (answer.has_value()) {
    return *std::move(answer);
  }
  const auto found = world_.rules.find(edit.id);
  const Rule* current = found == world_.rules.end() ? nullptr : &found->second;
  if (current != nullptr) {
    OREWATCH_RETURN_IF_ERROR(CheckEtag(*current, edit.etag));
  } else if (!edit.allow_missing) {
    return RuleNotFound(edit.id);
  } else {
    OREWATCH_RETURN_IF_ERROR(CheckRoomForRule());
  }
  OREWATCH_ASSIGN_OR_RETURN(Rule changed, edit.change(current));
  changed.id = edit.id;
  changed.etag = EtagOf(changed);
  if (edit.validate_only) {
    return changed;
  }
  Draft draft = Begin();
  if (current == nullptr || changed != *current) {
    draft.reconciler.PutRule(changed);
  }
  Remember(request, changed, draft);
  OREWATCH_RETURN_IF_ERROR(Finish(std::move(draft)));
  return changed;
}

absl::Status AlertEngine::DeleteRule(const RuleDeletion& deletion, const std::optional<RequestKey>& request) {
  absl::MutexLock lock(&mutex_);
  OREWATCH_RETURN_IF_ERROR(EnsureLoaded());
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<Rule> answer, EarlierAnswer(request));
  if (answer.has_value()) {
    return absl::OkStatus();
  }
  const auto found = world_.rules.find(deletion.id);
  if (found == world_.rules.end()) {
    return deletion.allow_missing ? absl::OkStatus() : RuleNotFound(deletion.id);
  }
  OREWATCH_RETURN_IF_ERROR(CheckEtag(found->second, deletion.etag));
  if (deletion.validate_only) {
    return absl::OkStatus();
  }
  Draft draft = Begin();
  Remember(request, found->second, draft);
  draft.reconciler.DeleteRule(deletion.id);
  return Finish(std::move(draft));
}

absl::Status AlertEngine::EnsureLoaded() {
  if (loaded_) {
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(world_, store_.Load());
  loaded_ = true;
  // A commit whose answer was lost may have been made after all.
  view_.Reset(world_);
  transitions_.NotifyAll();
  return absl::OkStatus();
}

AlertEngine::Draft AlertEngine::Begin() {
  const absl::Time now = clock_.Now();
  return {.reconciler = Reconciler(world_, now), .start = now};
}

absl::Status AlertEngine::Finish(Draft draft) {
  Commit commit{.changes = draft.reconciler.TakeChanges(),
                .request = std::move(draft.request),
                .defaults_loaded = draft.defaults_loaded};
  commit.deliveries = DeliveriesOf(commit.changes.transitions, targets_);
  const bool moved = commit.changes.applied != view_.position().applied;
  // A tick on which nothing happened need not be remembered.
  if (commit.changes.OnlyPosition() && !moved && !commit.defaults_loaded && !commit.request.has_value()) {
    metrics_.CountEvaluation(draft.start, clock_.Now() - draft.start);
    return absl::OkStatus();
  }
  if (absl::Status stored = store_.Write(commit); !stored.ok()) {
    loaded_ = false;
    log::Error("alert state could not be stored", {{"status", stored.ToString()}});
    return stored;
  }
  view_.Apply(commit.changes);
  for (const Transition& transition : commit.changes.transitions) {
    metrics_.CountTransition(transition.from, transition.after.state);
    LogTransition(transition);
  }
  metrics_.CountEvaluation(draft.start, clock_.Now() - draft.start);
  if (!commit.changes.transitions.empty()) {
    transitions_.NotifyAll();
  }
  return absl::OkStatus();
}

absl::Status AlertEngine::CheckRoomForRule() const {
  if (world_.rules.size() < kMaxRules) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kResourceExhausted, "TOO_MANY_RULES",
                   absl::StrCat("there are ", kMaxRules, " rules, which is the most that there may be"));
}

absl::StatusOr<std::optional<Rule>> AlertEngine::EarlierAnswer(const std::optional<RequestKey>& request) {
  if (!request.has_value()) {
    return std::nullopt;
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<AnsweredRequest> earlier,
                            store_.FindAnswer(request->principal, request->request_id, clock_.Now() - kAnswerLifetime));
  if (!earlier.has_value()) {
    return std::nullopt;
  }
  if (earlier->fingerprint != request->fingerprint) {
    return InvalidField("request_id", "has been used for another request");
  }
  return std::optional(earlier->answer);
}

void AlertEngine::Remember(const std::optional<RequestKey>& request, const Rule& answer, Draft& draft) const {
  if (request.has_value()) {
    draft.request = AnsweredRequest{.principal = request->principal,
                                    .request_id = request->request_id,
                                    .fingerprint = request->fingerprint,
                                    .answer = answer,
                                    .time = clock_.Now()};
  }
}

}  // namespace orewatch::alerting
