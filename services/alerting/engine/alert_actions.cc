// What people do with alerts: the part of the engine that takes it.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {
namespace {

std::string NameOf(const std::string& id) { return absl::StrCat("alerts/", id); }

absl::Status AlertNotFound(const std::string& id) {
  return MakeError(absl::StatusCode::kNotFound, "ALERT_NOT_FOUND", absl::StrCat("there is no ", NameOf(id)),
                   {{"name", NameOf(id)}});
}

absl::Status CheckEtag(const AlertAction& action, const Alert& alert) {
  const std::string etag = EtagOf(alert);
  if (action.etag.empty() || action.etag == etag) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                   absl::StrCat("something happened to ", NameOf(action.id), " since it was read"),
                   {{"name", NameOf(action.id)}, {"etag", etag}});
}

absl::Status Refused(Refusal refusal, const std::string& id) {
  const auto refused = [&](absl::string_view reason, absl::string_view what) {
    return MakeError(absl::StatusCode::kFailedPrecondition, reason, absl::StrCat(NameOf(id), " ", what),
                     {{"name", NameOf(id)}});
  };
  switch (refusal) {
    case Refusal::kNotLive:
      return refused("ALERT_NOT_LIVE", "is neither pending nor firing");
    case Refusal::kNotAcknowledged:
      return refused("NOT_ACKNOWLEDGED", "is not acknowledged");
    case Refusal::kNotSnoozed:
      return refused("NOT_SNOOZED", "is not snoozed");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Alert> AlertEngine::ActOnAlert(const AlertAction& action, const std::optional<RequestKey>& request) {
  Alert answer;
  OREWATCH_RETURN_IF_ERROR(Run(Who::kAnybody, [&](Draft& draft) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return StepActOnAlert(action, request, draft, answer);
  }));
  return answer;
}

absl::Status AlertEngine::StepActOnAlert(const AlertAction& action, const std::optional<RequestKey>& request,
                                         Draft& draft, Alert& answer) {
  Position position;
  const std::optional<RuledAlert> found = view_.FindAlert(action.id, position);
  // An answer that was given before is not given again to who may no longer have it.
  if (!found.has_value() || !found->alert.VisibleTo(action.action.principal)) {
    return AlertNotFound(action.id);
  }
  OREWATCH_ASSIGN_OR_RETURN(std::optional<AnsweredRequest> earlier, EarlierRequest(request));
  if (Alert* given = earlier.has_value() ? std::get_if<Alert>(&earlier->answer) : nullptr; given != nullptr) {
    answer = std::move(*given);
    draft.idle = true;
    return absl::OkStatus();
  }
  OREWATCH_RETURN_IF_ERROR(CheckEtag(action, found->alert));
  const auto refusal = RefusalOf(action.action, draft.start, found->alert);
  if (refusal.has_value()) {
    return Refused(*refusal, action.id);
  }
  if (action.validate_only) {
    answer = found->alert;
    Act(action.action, draft.start, answer);
    draft.idle = true;
    return absl::OkStatus();
  }
  answer = draft.reconciler.ActOn(found->alert.key, action.action);
  Remember(request, answer, draft);
  return absl::OkStatus();
}

}  // namespace orewatch::alerting
