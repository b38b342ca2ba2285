#include "services/alerting/record/position_message.h"

#include "common/time/proto_time.h"
#include "services/alerting/record/optional_value.h"
#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {

void ToRecord(const WorldPosition& position, record::Position& out) {
  ToProto(position.applied, *out.mutable_applied());
  out.set_tick(position.tick);
  out.set_sequence(position.sequence);
  if (position.silent_since.has_value()) {
    *out.mutable_silent_since() = orewatch::ToProto(*position.silent_since);
  }
  if (position.facts != FactPosition()) {
    ToProto(position.facts.revision, *out.mutable_facts());
    out.set_facts_digest(position.facts.digest);
  }
}

WorldPosition FromRecord(const record::Position& position) {
  return {.applied = FromProto(position.applied()),
          .tick = position.tick(),
          .sequence = position.sequence(),
          .silent_since = TimeIf(position.has_silent_since(), position.silent_since()),
          .facts = {.revision = FromProto(position.facts()), .digest = position.facts_digest()}};
}

}  // namespace orewatch::alerting
