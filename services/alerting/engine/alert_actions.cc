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
  absl::MutexLock lock(&mutex_);
  OREWATCH_RETURN_IF_ERROR(EnsureLoaded());
  Position position;
  const std::optional<RuledAlert> found = view_.FindAlert(action.id, position);
  // An answer that was given before is not given again to who may no longer have it.
  if (!found.has_value() || !found->alert.VisibleTo(action.action.principal)) {
    return AlertNotFound(action.id);
  }
  OREWATCH_ASSIGN_OR_RETURN(std::optional<Alert> earlier, EarlierAction(request));
  if (earlier.has_value()) {
    return *std::move(earlier);
  }
  OREWATCH_RETURN_IF_ERROR(CheckEtag(action, found->alert));
  const auto refusal = RefusalOf(action.action, clock_.Now(), found->alert);
  if (refusal.has_value()) {
    return Refused(*refusal, action.id);
  }
  if (action.validate_only) {
    Alert alert = found->alert;
    Act(action.action, clock_.Now(), alert);
    return alert;
  }
  Draft draft = Begin();
  Alert alert = draft.reconciler.ActOn(found->alert.key, action.action);
  Remember(request, Rule(), draft);
  if (draft.request.has_value()) {
    draft.request->sequence = alert.sequence;
  }
  OREWATCH_RETURN_IF_ERROR(Finish(std::move(draft)));
  return alert;
}

absl::StatusOr<std::optional<Alert>> AlertEngine::EarlierAction(const std::optional<RequestKey>& request) {
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<AnsweredRequest> earlier, EarlierRequest(request));
  if (!earlier.has_value()) {
    return std::nullopt;
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<TimelineEntry> entries,
                            store_.TransitionsAfter(earlier->sequence - 1, 1));
  if (entries.empty()) {
    return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "an entry of the timeline is missing");
  }
  return entries.front().after;
}

}  // namespace orewatch::alerting
