// Where a world stands, to and from what is stored of it.
#pragma once

#include "services/alerting/domain/world.h"
#include "services/alerting/record/state.pb.h"

namespace orewatch::alerting {

void ToRecord(const WorldPosition& position, record::Position& out);
WorldPosition FromRecord(const record::Position& position);

}  // namespace orewatch::alerting
