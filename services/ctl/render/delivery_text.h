// What was sent to whom, as people read it.
#pragma once

#include "google/protobuf/repeated_field.h"
#include "orewatch/alerting/v1/delivery.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

Table DeliveryTable(const google::protobuf::RepeatedPtrField<alerting::v1::Delivery>& deliveries);

}  // namespace orewatch::ctl
