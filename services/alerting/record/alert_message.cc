#include "services/alerting/record/alert_message.h"

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/time/proto_time.h"
#include "services/alerting/record/fact_message.h"
#include "services/alerting/record/optional_value.h"
#include "services/alerting/record/score_message.h"
#include "services/alerting/record/visibility_message.h"

namespace orewatch::alerting {
namespace {

void WriteTimes(const Alert& alert, record::Alert& out) {
  if (alert.pending_time.has_value()) {
    *out.mutable_pending_time() = orewatch::ToProto(*alert.pending_time);
  }
  if (alert.fire_time.has_value()) {
    *out.mutable_fire_time() = orewatch::ToProto(*alert.fire_time);
  }
  if (alert.resolve_time.has_value()) {
    *out.mutable_resolve_time() = orewatch::ToProto(*alert.resolve_time);
  }
}

void ToRecord(const AlertKey& key, record::AlertKey& out) {
  out.set_rule(key.rule);
  ToProto(key.score, *out.mutable_score());
  out.set_happening(key.happening);
}

AlertKey FromRecord(const record::AlertKey& key) {
  return {.rule = key.rule(), .score = FromProto(key.score()), .happening = key.happening()};
}

void WriteCounts(const Alert& alert, record::Alert& out) {
  out.set_window_start(alert.window_start);
  out.set_window_end(alert.window_end);
  out.set_met_ticks(alert.met_ticks);
  out.set_clear_start(alert.clear_start);
  out.set_clear_end(alert.clear_end);
  out.set_held_back(alert.held_back);
}

void WriteInput(const Alert& alert, record::Alert& out) {
  if (alert.value.has_value()) {
    out.set_value(*alert.value);
  }
  ToRecord(alert.certainty, *out.mutable_certainty());
  out.set_missing_input(alert.missing_input);
  out.set_stale_input(alert.stale_input);
  out.set_error(alert.error);
  out.set_cause(alert.cause);
  out.set_top_country(alert.top_country);
  if (alert.happened.has_value()) {
    ToRecord(*alert.happened, *out.mutable_happened());
  }
}

void WriteWhatIsTold(const Alert& alert, record::Alert& out) {
  for (const absl::Time flip : alert.flips) {
    *out.add_flips() = orewatch::ToProto(flip);
  }
  out.set_flapping(alert.flapping);
  if (alert.inhibited_by.has_value()) {
    ToRecord(*alert.inhibited_by, *out.mutable_inhibited_by());
  }
  if (alert.quiet_until.has_value()) {
    *out.mutable_quiet_until() = orewatch::ToProto(*alert.quiet_until);
  }
  out.set_announced(alert.announced);
  if (alert.told.has_value()) {
    out.mutable_told()->set_sequence(alert.told->sequence);
    *out.mutable_told()->mutable_time() = orewatch::ToProto(alert.told->time);
    out.mutable_told()->set_worst(static_cast<int>(alert.told->worst));
  }
}

// An acknowledgement or a snooze.
template <typename Value, typename Message>
void WriteCommon(const Value& value, Message& out) {
  out.set_principal(value.principal);
  *out.mutable_time() = orewatch::ToProto(value.time);
  out.set_comment(value.comment);
  *out.mutable_expire_time() = orewatch::ToProto(value.expire_time);
}

void WriteAttention(const Alert& alert, record::Alert& out) {
  if (alert.acknowledgement.has_value()) {
    WriteCommon(*alert.acknowledgement, *out.mutable_acknowledgement());
    if (alert.acknowledgement->remind_time.has_value()) {
      *out.mutable_acknowledgement()->mutable_remind_time() = orewatch::ToProto(*alert.acknowledgement->remind_time);
    }
  }
  if (alert.snooze.has_value()) {
    WriteCommon(*alert.snooze, *out.mutable_snooze());
  }
  out.set_assignee(alert.assignee);
  out.set_resolved_by_hand(alert.resolved_by_hand);
  out.set_resolve_reason(static_cast<int>(alert.resolve_reason));
}

void WriteVisibility(const Alert& alert, record::Alert& out) {
  // Most are public, and there are many.
  if (alert.visibility != Visibility()) {
    ToProto(alert.visibility, *out.mutable_visibility());
  }
  if (alert.subject_visibility != Visibility()) {
    ToProto(alert.subject_visibility, *out.mutable_subject_visibility());
  }
}

std::optional<Told> ToldOf(const record::Alert& alert) {
  if (!alert.has_told()) {
    return std::nullopt;
  }
  return Told{.sequence = alert.told().sequence(),
              .time = orewatch::FromProto(alert.told().time()),
              .worst = static_cast<Severity>(alert.told().worst())};
}

std::optional<Acknowledgement> AcknowledgementOf(const record::Alert& alert) {
  if (!alert.has_acknowledgement()) {
    return std::nullopt;
  }
  const record::Acknowledgement& ack = alert.acknowledgement();
  return Acknowledgement{.principal = ack.principal(),
                         .time = orewatch::FromProto(ack.time()),
                         .comment = ack.comment(),
                         .expire_time = orewatch::FromProto(ack.expire_time()),
                         .remind_time = TimeIf(ack.has_remind_time(), ack.remind_time())};
}

std::optional<Snooze> SnoozeOf(const record::Alert& alert) {
  if (!alert.has_snooze()) {
    return std::nullopt;
  }
  const record::Snooze& snooze = alert.snooze();
  return Snooze{.principal = snooze.principal(),
                .time = orewatch::FromProto(snooze.time()),
                .comment = snooze.comment(),
                .expire_time = orewatch::FromProto(snooze.expire_time())};
}

std::vector<absl::Time> FlipsOf(const record::Alert& alert) {
  std::vector<absl::Time> flips;
  for (const google::protobuf::Timestamp& flip : alert.flips()) {
    flips.push_back(orewatch::FromProto(flip));
  }
  return flips;
}

}  // namespace

void ToRecord(const Alert& alert, record::Alert& out) {
  out.set_rule(alert.key.rule);
  ToProto(alert.key.score, *out.mutable_score());
  out.set_happening(alert.key.happening);
  out.set_state(static_cast<int>(alert.state));
  out.set_severity(static_cast<int>(alert.severity));
  WriteInput(alert, out);
  WriteTimes(alert, out);
  out.set_sequence(alert.sequence);
  WriteCounts(alert, out);
  WriteWhatIsTold(alert, out);
  WriteAttention(alert, out);
  WriteVisibility(alert, out);
}

Alert FromRecord(const record::Alert& alert) {
  return {.key = {.rule = alert.rule(), .score = FromProto(alert.score()), .happening = alert.happening()},
          .state = static_cast<AlertState>(alert.state()),
          .severity = static_cast<Severity>(alert.severity()),
          .value = ValueOf(alert),
          .certainty = FromRecord(alert.certainty()),
          .pending_time = TimeIf(alert.has_pending_time(), alert.pending_time()),
          .fire_time = TimeIf(alert.has_fire_time(), alert.fire_time()),
          .resolve_time = TimeIf(alert.has_resolve_time(), alert.resolve_time()),
          .sequence = alert.sequence(),
          .window_start = alert.window_start(),
          .window_end = alert.window_end(),
          .met_ticks = alert.met_ticks(),
          .clear_start = alert.clear_start(),
          .clear_end = alert.clear_end(),
          .held_back = alert.held_back(),
          .missing_input = alert.missing_input(),
          .stale_input = alert.stale_input(),
          .error = alert.error(),
          .cause = alert.cause(),
          .top_country = alert.top_country(),
          .happened = alert.has_happened() ? std::optional(FromRecord(alert.happened())) : std::nullopt,
          .flips = FlipsOf(alert),
          .flapping = alert.flapping(),
          .inhibited_by = alert.has_inhibited_by() ? std::optional(FromRecord(alert.inhibited_by())) : std::nullopt,
          .quiet_until = TimeIf(alert.has_quiet_until(), alert.quiet_until()),
          .announced = alert.announced(),
          .told = ToldOf(alert),
          .acknowledgement = AcknowledgementOf(alert),
          .snooze = SnoozeOf(alert),
          .assignee = alert.assignee(),
          .resolved_by_hand = alert.resolved_by_hand(),
          .resolve_reason = static_cast<Reason>(alert.resolve_reason()),
          .visibility = FromProto(alert.visibility()),
          .subject_visibility = FromProto(alert.subject_visibility())};
}

void ToRecord(const TimelineEntry& entry, record::Transition& out) {
  out.set_from(static_cast<int>(entry.from));
  out.set_reason(static_cast<int>(entry.reason));
  *out.mutable_time() = orewatch::ToProto(entry.time);
  ToProto(entry.revision, *out.mutable_revision());
  ToRecord(entry.after, *out.mutable_after());
  out.set_notifies(entry.notifies);
  out.set_digest_of(entry.digest_of);
  out.set_digest_size(entry.digest_size);
  out.set_kind(static_cast<int>(entry.kind));
  out.set_principal(entry.principal);
  out.set_text(entry.text);
}

TimelineEntry FromRecord(const record::Transition& entry) {
  return {.from = static_cast<AlertState>(entry.from()),
          .reason = static_cast<Reason>(entry.reason()),
          .time = orewatch::FromProto(entry.time()),
          .revision = FromProto(entry.revision()),
          .after = FromRecord(entry.after()),
          .kind = static_cast<EntryKind>(entry.kind()),
          .principal = entry.principal(),
          .text = entry.text(),
          .notifies = entry.notifies(),
          .digest_of = entry.digest_of(),
          .digest_size = entry.digest_size()};
}

}  // namespace orewatch::alerting
