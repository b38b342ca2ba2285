// What people do with rules: the part of the engine that takes it.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/alerting/domain/rule_check.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {
namespace {

std::string NameOf(const std::string& rule_id) { return absl::StrCat("rules/", rule_id); }

absl::Status RuleNotFound(const std::string& id) {
  return MakeError(absl::StatusCode::kNotFound, "RULE_NOT_FOUND", absl::StrCat("there is no ", NameOf(id)),
                   {{"name", NameOf(id)}});
}

absl::Status RuleExists(const std::string& id) {
  return MakeError(absl::StatusCode::kAlreadyExists, "RULE_EXISTS", absl::StrCat(NameOf(id), " exists"),
                   {{"name", NameOf(id)}});
}

// What the principal may do with a rule that there is.
absl::Status CheckMayChange(const Rule& rule, const std::string& principal) {
  if (!rule.visibility.Admits(principal)) {
    return RuleNotFound(rule.id);
  }
  return rule.visibility.AdmitsWriter(principal)
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kPermissionDenied, "NOT_OWNER",
                         absl::StrCat("only its owner may change ", NameOf(rule.id)), {{"name", NameOf(rule.id)}});
}

absl::Status CheckEtag(const Rule& rule, const std::string& etag) {
  if (etag.empty() || etag == rule.etag) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                   absl::StrCat(NameOf(rule.id), " has changed since it was read"),
                   {{"name", NameOf(rule.id)}, {"etag", rule.etag}});
}

}  // namespace

absl::StatusOr<bool> AlertEngine::WantsDefaultRules() {
  OREWATCH_ASSIGN_OR_RETURN(const bool loaded, store_.DefaultsLoaded());
  return !loaded;
}

absl::Status AlertEngine::AddDefaultRules(const std::vector<Rule>& rules) {
  return Run(Who::kAnybody, [&](Draft& draft) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    // Another may have come first.
    OREWATCH_ASSIGN_OR_RETURN(const bool wanted, WantsDefaultRules());
    if (!wanted) {
      draft.idle = true;
      return absl::OkStatus();
    }
    if (world_.rules.empty()) {
      for (Rule rule : rules) {
        rule.etag = EtagOf(rule);
        draft.reconciler.PutRule(std::move(rule));
      }
    }
    draft.defaults_loaded = true;
    return absl::OkStatus();
  });
}

absl::StatusOr<Rule> AlertEngine::CreateRule(Rule rule, const std::optional<RequestKey>& request, bool validate_only,
                                             const std::string& principal) {
  Rule answer;
  const RuleCreation creation{std::move(rule), validate_only, principal};
  OREWATCH_RETURN_IF_ERROR(Run(Who::kAnybody, [&](Draft& draft) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return StepCreateRule(creation, request, draft, answer);
  }));
  return answer;
}

absl::Status AlertEngine::StepCreateRule(const RuleCreation& creation, const std::optional<RequestKey>& request,
                                         Draft& draft, Rule& answer) {
  const Rule& rule = creation.rule;
  OREWATCH_ASSIGN_OR_RETURN(std::optional<Rule> earlier, EarlierAnswer(request));
  if (earlier.has_value()) {
    answer = *std::move(earlier);
    draft.idle = true;
    return absl::OkStatus();
  }
  if (world_.rules.contains(rule.id) || HasAnothersPast(rule.id, creation.principal)) {
    return RuleExists(rule.id);
  }
  OREWATCH_RETURN_IF_ERROR(CheckRoomForRule());
  OREWATCH_RETURN_IF_ERROR(CheckPlace(rule));
  answer = rule;
  answer.etag = EtagOf(rule);
  if (creation.validate_only) {
    draft.idle = true;
    return absl::OkStatus();
  }
  draft.reconciler.PutRule(answer);
  Remember(request, answer, draft);
  return absl::OkStatus();
}

absl::StatusOr<Rule> AlertEngine::EditRule(const RuleEdit& edit, const std::optional<RequestKey>& request) {
  Rule answer;
  OREWATCH_RETURN_IF_ERROR(Run(Who::kAnybody, [&](Draft& draft) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return StepEditRule(edit, request, draft, answer);
  }));
  return answer;
}

absl::Status AlertEngine::StepEditRule(const RuleEdit& edit, const std::optional<RequestKey>& request, Draft& draft,
                                       Rule& answer) {
  OREWATCH_ASSIGN_OR_RETURN(std::optional<Rule> earlier, EarlierAnswer(request));
  if (earlier.has_value()) {
    answer = *std::move(earlier);
    draft.idle = true;
    return absl::OkStatus();
  }
  const auto found = world_.rules.find(edit.id);
  const Rule* current = found == world_.rules.end() ? nullptr : &found->second;
  if (current != nullptr) {
    OREWATCH_RETURN_IF_ERROR(CheckMayChange(*current, edit.principal));
    OREWATCH_RETURN_IF_ERROR(CheckEtag(*current, edit.etag));
  } else if (!edit.allow_missing || HasAnothersPast(edit.id, edit.principal)) {
    return RuleNotFound(edit.id);
  } else {
    OREWATCH_RETURN_IF_ERROR(CheckRoomForRule());
  }
  OREWATCH_ASSIGN_OR_RETURN(answer, edit.change(current));
  answer.id = edit.id;
  OREWATCH_RETURN_IF_ERROR(CheckPlace(answer));
  answer.etag = EtagOf(answer);
  if (edit.validate_only) {
    draft.idle = true;
    return absl::OkStatus();
  }
  if (current == nullptr || answer != *current) {
    draft.reconciler.PutRule(answer);
  }
  Remember(request, answer, draft);
  return absl::OkStatus();
}

absl::Status AlertEngine::DeleteRule(const RuleDeletion& deletion, const std::optional<RequestKey>& request) {
  return Run(Who::kAnybody, [&](Draft& draft) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return StepDeleteRule(deletion, request, draft);
  });
}

absl::Status AlertEngine::StepDeleteRule(const RuleDeletion& deletion, const std::optional<RequestKey>& request,
                                         Draft& draft) {
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<Rule> earlier, EarlierAnswer(request));
  const auto found = world_.rules.find(deletion.id);
  draft.idle = earlier.has_value() || found == world_.rules.end() || deletion.validate_only;
  if (earlier.has_value()) {
    return absl::OkStatus();
  }
  if (found == world_.rules.end() || !found->second.visibility.Admits(deletion.principal)) {
    draft.idle = true;
    return deletion.allow_missing ? absl::OkStatus() : RuleNotFound(deletion.id);
  }
  OREWATCH_RETURN_IF_ERROR(CheckMayChange(found->second, deletion.principal));
  OREWATCH_RETURN_IF_ERROR(CheckEtag(found->second, deletion.etag));
  if (!draft.idle) {
    Remember(request, found->second, draft);
    draft.reconciler.DeleteRule(deletion.id);
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

absl::Status AlertEngine::CheckPlace(const Rule& rule) const {
  const std::optional<Violation> violation = CheckAmong(world_.rules, rule);
  return violation.has_value() ? InvalidField(absl::StrCat("rule.", violation->field), violation->description)
                               : absl::OkStatus();
}

bool AlertEngine::HasAnothersPast(const std::string& rule, const std::string& principal) const {
  for (auto at = world_.alerts.lower_bound(AlertKey{rule, ScoreKey{}});
       at != world_.alerts.end() && at->first.rule == rule; ++at) {
    if (!at->second.visibility.AdmitsWriter(principal)) {
      return true;
    }
  }
  return false;
}

absl::StatusOr<std::optional<Rule>> AlertEngine::EarlierAnswer(const std::optional<RequestKey>& request) {
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<AnsweredRequest> earlier, EarlierRequest(request));
  const Rule* answer = earlier.has_value() ? std::get_if<Rule>(&earlier->answer) : nullptr;
  return answer != nullptr ? std::optional(*answer) : std::nullopt;
}

}  // namespace orewatch::alerting
