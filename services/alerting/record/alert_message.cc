#include "services/alerting/record/alert_message.h"

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/time/proto_time.h"
#include "services/alerting/record/optional_value.h"
#include "services/alerting/record/score_message.h"

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
}

AlertKey FromRecord(const record::AlertKey& key) { return {.rule = key.rule(), .score = FromProto(key.score())}; }

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
  out.set_state(static_cast<int>(alert.state));
  out.set_severity(static_cast<int>(alert.severity));
  WriteInput(alert, out);
  WriteTimes(alert, out);
  out.set_sequence(alert.sequence);
  WriteCounts(alert, out);
  WriteWhatIsTold(alert, out);
}

Alert FromRecord(const record::Alert& alert) {
  return {.key = {.rule = alert.rule(), .score = FromProto(alert.score())},
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
          .flips = FlipsOf(alert),
          .flapping = alert.flapping(),
          .inhibited_by = alert.has_inhibited_by() ? std::optional(FromRecord(alert.inhibited_by())) : std::nullopt,
          .quiet_until = TimeIf(alert.has_quiet_until(), alert.quiet_until()),
          .announced = alert.announced()};
}

void ToRecord(const Transition& transition, record::Transition& out) {
  out.set_from(static_cast<int>(transition.from));
  out.set_reason(static_cast<int>(transition.reason));
  *out.mutable_time() = orewatch::ToProto(transition.time);
  ToProto(transition.revision, *out.mutable_revision());
  ToRecord(transition.after, *out.mutable_after());
  out.set_notifies(transition.notifies);
  out.set_digest_of(transition.digest_of);
  out.set_digest_size(transition.digest_size);
}

Transition FromRecord(const record::Transition& transition) {
  return {.from = static_cast<AlertState>(transition.from()),
          .reason = static_cast<Reason>(transition.reason()),
          .time = orewatch::FromProto(transition.time()),
          .revision = FromProto(transition.revision()),
          .after = FromRecord(transition.after()),
          .notifies = transition.notifies(),
          .digest_of = transition.digest_of(),
          .digest_size = transition.digest_size()};
}

}  // namespace orewatch::alerting
