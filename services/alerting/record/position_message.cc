#include "services/alerting/record/position_message.h"

#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {

void ToRecord(const WorldPosition& position, record::Position& out) {
  ToProto(position.applied, *out.mutable_applied());
  out.set_tick(position.tick);
  out.set_sequence(position.sequence);
  out.set_input_live(position.input_live);
}

WorldPosition FromRecord(const record::Position& position) {
  return {.applied = FromProto(position.applied()),
          .tick = position.tick(),
          .sequence = position.sequence(),
          .input_live = position.input_live()};
}

}  // namespace orewatch::alerting
