#include "services/ctl/render/delivery_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/alert_text.h"

namespace orewatch::ctl {
namespace {

using alerting::v1::Delivery;

// When it came to its state, or is tried next.
std::string WhenText(const Delivery& delivery) {
  if (delivery.has_notified_time()) {
    return TimeText(delivery.notified_time());
  }
  if (delivery.has_delivered_time()) {
    return TimeText(delivery.delivered_time());
  }
  return delivery.has_next_attempt_time() ? absl::StrCat("next ", TimeText(delivery.next_attempt_time())) : "";
}

}  // namespace

Table DeliveryTable(const google::protobuf::RepeatedPtrField<Delivery>& deliveries) {
  Table table{{"SEQUENCE", "TARGET", "STATE", "ATTEMPTS", "CREATED", "WHEN", "ALERT", "ERROR"}, {}};
  for (const Delivery& delivery : deliveries) {
    table.rows.push_back({absl::StrCat(delivery.sequence()), delivery.target(),
                          EnumText(*Delivery::State_descriptor(), delivery.state()), absl::StrCat(delivery.attempts()),
                          TimeText(delivery.create_time()), WhenText(delivery),
                          std::string(absl::StripPrefix(delivery.alert(), "alerts/")), delivery.last_error()});
  }
  return table;
}

}  // namespace orewatch::ctl
