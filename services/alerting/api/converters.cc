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
constexpr size_t kMaxAlertIdLength = 96;

static_assert(static_cast<int>(AlertState::kInactive) == v1::ALERT_STATE_INACTIVE);
static_assert(static_cast<int>(AlertState::kPending) == v1::ALERT_STATE_PENDING);
static_assert(static_cast<int>(AlertState::kFiring) == v1::ALERT_STATE_FIRING);
static_assert(static_cast<int>(AlertState::kResolved) == v1::ALERT_STATE_RESOLVED);
static_assert(static_cast<int>(EntryKind::kStateChanged) == v1::AlertEvent::KIND_STATE_CHANGED);
static_assert(static_cast<int>(EntryKind::kAcknowledgementEnded) == v1::AlertEvent::KIND_ACKNOWLEDGEMENT_ENDED);
static_assert(static_cast<int>(EntryKind::kSnoozeEnded) == v1::AlertEvent::KIND_SNOOZE_ENDED);
static_assert(static_cast<int>(EntryKind::kAssigned) == v1::AlertEvent::KIND_ASSIGNED);
static_assert(static_cast<int>(EntryKind::kNotified) == v1::AlertEvent::KIND_NOTIFIED);
static_assert(static_cast<int>(EntryKind::kDigest) == v1::AlertEvent::KIND_DIGEST);

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

void PeopleToProto(const Alert& alert, v1::Alert& out) {
  if (const auto& ack = alert.acknowledgement; ack.has_value()) {
    v1::Acknowledgement& shown = *out.mutable_acknowledgement();
    shown.set_principal(ack->principal);
    *shown.mutable_create_time() = orewatch::ToProto(ack->time);
    shown.set_comment(ack->comment);
    *shown.mutable_expire_time() = orewatch::ToProto(ack->expire_time);
    if (ack->remind_time.has_value()) {
      *shown.mutable_remind_time() = orewatch::ToProto(*ack->remind_time);
    }
  }
  if (const auto& snooze = alert.snooze; snooze.has_value()) {
    v1::Snooze& shown = *out.mutable_snooze();
    shown.set_principal(snooze->principal);
    *shown.mutable_create_time() = orewatch::ToProto(snooze->time);
    shown.set_comment(snooze->comment);
    *shown.mutable_expire_time() = orewatch::ToProto(snooze->expire_time);
  }
  out.set_assignee(alert.assignee);
  out.set_muted(alert.Muted());
  out.set_resolved_by_hand(alert.resolved_by_hand);
  out.set_resolve_reason(ReasonName(alert.resolve_reason));
}

void ToProto(const Happened& happened, v1::Happened& out) {
  const Spell& spell = happened.spell;
  out.set_resource(happened.resource);
  out.set_state(static_cast<v1::Happening::State>(spell.state));
  out.set_about(spell.about);
  if (spell.from.has_value()) {
    *out.mutable_start_time() = orewatch::ToProto(*spell.from);
  }
  if (spell.until != absl::InfiniteFuture()) {
    *out.mutable_end_time() = orewatch::ToProto(spell.until);
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
  out.set_etag(EtagOf(alert));
  ToProto(alert.certainty, out);
  if (alert.happened.has_value()) {
    ToProto(*alert.happened, *out.mutable_happened());
  }
  PeopleToProto(alert, out);
  return out;
}

v1::AlertEvent ToProto(const TimelineEntry& entry) {
  v1::AlertEvent out;
  out.set_kind(static_cast<v1::AlertEvent::Kind>(entry.kind));
  out.set_from(static_cast<v1::AlertState>(entry.from));
  out.set_to(static_cast<v1::AlertState>(entry.after.state));
  *out.mutable_time() = orewatch::ToProto(entry.time);
  if (entry.after.value.has_value()) {
    out.set_value(*entry.after.value);
  }
  out.set_severity(static_cast<v1::Severity>(entry.after.severity));
  ToProto(entry.revision, *out.mutable_revision());
  out.set_reason(ReasonName(entry.reason));
  out.set_sequence(entry.after.sequence);
  out.set_principal(entry.principal);
  out.set_text(entry.text);
  out.set_notifies(entry.notifies);
  out.set_digest_of(entry.digest_of);
  out.set_digest_size(entry.digest_size);
  return out;
}

}  // namespace orewatch::alerting
