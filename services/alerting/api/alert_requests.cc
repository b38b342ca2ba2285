#include "services/alerting/api/alert_requests.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"

namespace orewatch::alerting {
namespace {

constexpr size_t kMaxCommentBytes = 4000;
constexpr absl::Duration kLongestMute = absl::Hours(24 * 30);

void CheckComment(const std::string& comment, FieldViolations& violations) {
  if (comment.size() > kMaxCommentBytes) {
    violations.Add("comment", absl::StrCat("must be at most ", kMaxCommentBytes, " bytes"));
  }
}

void CheckRequiredComment(const std::string& comment, FieldViolations& violations) {
  if (comment.empty()) {
    violations.Add("comment", "is required");
  }
  CheckComment(comment, violations);
}

void CheckNotTooLate(absl::Time expire_time, absl::Time now, FieldViolations& violations) {
  if (expire_time > now + kLongestMute) {
    violations.Add("expire_time", "must be within 30 days");
  }
}

absl::StatusOr<Action> Checked(const FieldViolations& violations, Action action) {
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return action;
}

}  // namespace

absl::StatusOr<Action> ActionOf(const v1::AcknowledgeAlertRequest& request, absl::Time now) {
  FieldViolations violations;
  CheckComment(request.comment(), violations);
  Action action{.kind = Action::Kind::kAcknowledge, .principal = "", .text = request.comment()};
  if (request.has_expire_time()) {
    action.expire_time = orewatch::FromProto(request.expire_time());
    if (*action.expire_time <= now) {
      violations.Add("expire_time", "must be in the future");
    }
    CheckNotTooLate(*action.expire_time, now, violations);
  }
  if (request.has_remind_time()) {
    action.remind_time = orewatch::FromProto(request.remind_time());
    if (*action.remind_time <= now || *action.remind_time >= action.expire_time.value_or(absl::InfiniteFuture())) {
      violations.Add("remind_time", "must be in the future, before expire_time");
    }
  }
  return Checked(violations, action);
}

absl::StatusOr<Action> ActionOf(const v1::UnacknowledgeAlertRequest& request, absl::Time /*now*/) {
  FieldViolations violations;
  CheckComment(request.comment(), violations);
  return Checked(violations, {.kind = Action::Kind::kUnacknowledge, .principal = "", .text = request.comment()});
}

absl::StatusOr<Action> ActionOf(const v1::SnoozeAlertRequest& request, absl::Time now) {
  FieldViolations violations;
  CheckComment(request.comment(), violations);
  Action action{.kind = Action::Kind::kSnooze, .principal = "", .text = request.comment()};
  if (!request.has_expire_time()) {
    violations.Add("expire_time", "is required");
  } else {
    action.expire_time = orewatch::FromProto(request.expire_time());
    CheckNotTooLate(*action.expire_time, now, violations);
  }
  return Checked(violations, action);
}

absl::StatusOr<Action> ActionOf(const v1::CommentAlertRequest& request, absl::Time /*now*/) {
  FieldViolations violations;
  CheckRequiredComment(request.comment(), violations);
  return Checked(violations, {.kind = Action::Kind::kComment, .principal = "", .text = request.comment()});
}

absl::StatusOr<Action> ActionOf(const v1::AssignAlertRequest& request, absl::Time /*now*/) {
  FieldViolations violations;
  if (!request.assignee().empty() && !IsPrincipal(request.assignee())) {
    violations.Add("assignee", "must be 1 to 128 visible ASCII characters");
  }
  return Checked(violations, {.kind = Action::Kind::kAssign, .principal = "", .text = request.assignee()});
}

absl::StatusOr<Action> ActionOf(const v1::ResolveAlertRequest& request, absl::Time /*now*/) {
  FieldViolations violations;
  CheckRequiredComment(request.comment(), violations);
  return Checked(violations, {.kind = Action::Kind::kResolve, .principal = "", .text = request.comment()});
}

}  // namespace orewatch::alerting
