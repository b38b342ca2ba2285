// Of deliveries what no column holds, to and from what is stored of it.
#pragma once

#include "services/alerting/domain/delivery.h"
#include "services/alerting/record/state.pb.h"

namespace orewatch::alerting {

void ToRecord(const Delivery& delivery, record::Delivery& out);
// The fields that columns hold are not set.
Delivery FromRecord(const record::Delivery& delivery);

}  // namespace orewatch::alerting
