#include "services/alerting/record/delivery_message.h"

#include "common/time/proto_time.h"
#include "services/alerting/record/optional_value.h"

namespace orewatch::alerting {

void ToRecord(const Delivery& delivery, record::Delivery& out) {
  out.set_attempts(delivery.attempts);
  out.set_last_error(delivery.last_error);
  if (delivery.delivered_time.has_value()) {
    *out.mutable_delivered_time() = orewatch::ToProto(*delivery.delivered_time);
  }
  for (const Acceptance& acceptance : delivery.accepted_by) {
    record::Delivery::Acceptance& added = *out.add_accepted_by();
    added.set_replica(acceptance.replica);
    *added.mutable_time() = orewatch::ToProto(acceptance.time);
  }
}

Delivery FromRecord(const record::Delivery& delivery) {
  Delivery out;
  out.attempts = delivery.attempts();
  out.last_error = delivery.last_error();
  out.delivered_time = TimeIf(delivery.has_delivered_time(), delivery.delivered_time());
  for (const record::Delivery::Acceptance& acceptance : delivery.accepted_by()) {
    out.accepted_by.push_back({.replica = acceptance.replica(), .time = orewatch::FromProto(acceptance.time())});
  }
  return out;
}

}  // namespace orewatch::alerting
