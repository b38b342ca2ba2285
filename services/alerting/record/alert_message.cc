#include "services/alerting/record/alert_message.h"

#include <optional>

#include "absl/time/time.h"
#include "common/time/proto_time.h"
#include "services/alerting/record/optional_value.h"
#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {
namespace {

using google::protobuf::Timestamp;

std::optional<absl::Time> TimeIf(bool set, const Timestamp& time) {
  return set ? std::optional(orewatch::FromProto(time)) : std::nullopt;
}

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

}  // namespace

void ToRecord(const Alert& alert, record::Alert& out) {
  out.set_rule(alert.key.rule);
  ToProto(alert.key.score, *out.mutable_score());
  out.set_state(static_cast<int>(alert.state));
  out.set_severity(static_cast<int>(alert.severity));
  if (alert.value.has_value()) {
    out.set_value(*alert.value);
  }
  ToRecord(alert.certainty, *out.mutable_certainty());
  WriteTimes(alert, out);
  out.set_sequence(alert.sequence);
  out.set_window_start(alert.window_start);
  out.set_window_end(alert.window_end);
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
          .window_end = alert.window_end()};
}

void ToRecord(const Transition& transition, record::Transition& out) {
  out.set_from(static_cast<int>(transition.from));
  out.set_reason(static_cast<int>(transition.reason));
  *out.mutable_time() = orewatch::ToProto(transition.time);
  ToProto(transition.revision, *out.mutable_revision());
  ToRecord(transition.after, *out.mutable_after());
}

Transition FromRecord(const record::Transition& transition) {
  return {.from = static_cast<AlertState>(transition.from()),
          .reason = static_cast<Reason>(transition.reason()),
          .time = orewatch::FromProto(transition.time()),
          .revision = FromProto(transition.revision()),
          .after = FromRecord(transition.after())};
}

}  // namespace orewatch::alerting
