#include "services/alerting/api/converters.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "services/alerting/api/alert_text.h"

namespace orewatch::alerting {
namespace {

constexpr char kAlerts[] = "alerts/";
// A rule's id, a dash and a digest.
constexpr size_t kMaxAlertIdLength = 80;

static_assert(static_cast<int>(AlertState::kInactive) == v1::ALERT_STATE_INACTIVE);
static_assert(static_cast<int>(AlertState::kPending) == v1::ALERT_STATE_PENDING);
static_assert(static_cast<int>(AlertState::kFiring) == v1::ALERT_STATE_FIRING);
static_assert(static_cast<int>(AlertState::kResolved) == v1::ALERT_STATE_RESOLVED);
void ToProto(const Certainty& certainty, v1::Alert& out) {
  if (certainty.lower.has_value()) {
    out.mutable_bounds()->set_lower(*certainty.lower);
    if (certainty.upper.has_value()) {
      out.mutable_bounds()->set_upper(*certainty.upper);
    }
  }
  if (certainty.completeness != 0) {
    out.mutable_completeness()->set_state(static_cast<type::v1::Completeness::State>(certainty.completeness));
    out.mutable_completeness()->mutable_reasons()->Assign(certainty.reasons.begin(), certainty.reasons.end());
  }
}

// What keeps the state or the notification of an alert as it is.
void ShowQuiet(const Alert& alert, v1::Alert& out) {
  out.set_missing_input(alert.missing_input);
  out.set_evaluation_error(alert.error);
  out.set_flapping(alert.flapping);
  out.set_held_back(alert.held_back);
  out.set_change_cause(static_cast<risk::v1::ChangeCause>(alert.cause));
  if (alert.inhibited_by.has_value()) {
    out.set_inhibited_by(AlertName(Alert{.key = *alert.inhibited_by}.Id()));
  }
  if (alert.quiet_until.has_value()) {
    *out.mutable_quiet_until_time() = orewatch::ToProto(*alert.quiet_until);
  }
}

}  // namespace

std::string AlertName(absl::string_view id) { return absl::StrCat(kAlerts, id); }

absl::StatusOr<std::string> ParseAlertName(absl::string_view field, absl::string_view name) {
  const bool prefixed = absl::ConsumePrefix(&name, kAlerts);
  if (!prefixed || name.empty() || name.size() > kMaxAlertIdLength || absl::StrContains(name, '/')) {
    return InvalidField(field, "must be alerts/{alert}");
  }
  return std::string(name);
}

v1::Alert ToProto(const RuledAlert& ruled, const Position& position) {
  const Alert& alert = ruled.alert;
  v1::Alert out;
  out.set_name(AlertName(alert.Id()));
  out.set_rule(RuleName(alert.key.rule));
  ToProto(alert.key.score, *out.mutable_subject());
  out.set_state(static_cast<v1::AlertState>(alert.state));
  out.set_severity(static_cast<v1::Severity>(alert.severity));
  if (alert.value.has_value()) {
    out.set_value(*alert.value);
  }
  out.set_stale_input(!position.input_live || alert.stale_input);
  Describe(ruled, out);
  ShowQuiet(alert, out);
  if (alert.pending_time.has_value()) {
    *out.mutable_pending_time() = orewatch::ToProto(*alert.pending_time);
  }
  if (alert.fire_time.has_value()) {
    *out.mutable_fire_time() = orewatch::ToProto(*alert.fire_time);
  }
  if (alert.resolve_time.has_value()) {
    *out.mutable_resolve_time() = orewatch::ToProto(*alert.resolve_time);
  }
  out.set_sequence(alert.sequence);
  ToProto(alert.certainty, out);
  return out;
}

v1::Alert::Transition ToProto(const Transition& transition) {
  v1::Alert::Transition out;
  out.set_from(static_cast<v1::AlertState>(transition.from));
  out.set_to(static_cast<v1::AlertState>(transition.after.state));
  *out.mutable_time() = orewatch::ToProto(transition.time);
  if (transition.after.value.has_value()) {
    out.set_value(*transition.after.value);
  }
  ToProto(transition.revision, *out.mutable_revision());
  out.set_reason(ReasonName(transition.reason));
  out.set_sequence(transition.after.sequence);
  out.set_severity(static_cast<v1::Severity>(transition.after.severity));
  out.set_notifies(transition.notifies);
  out.set_digest_of(transition.digest_of);
  out.set_digest_size(transition.digest_size);
  return out;
}

}  // namespace orewatch::alerting
