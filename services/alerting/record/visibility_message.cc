#include "services/alerting/record/visibility_message.h"

namespace orewatch::alerting {

void ToProto(const Visibility& visibility, type::v1::Visibility& out) {
  out.set_owner(visibility.owner);
  out.mutable_readers()->Assign(visibility.readers.begin(), visibility.readers.end());
}

Visibility FromProto(const type::v1::Visibility& visibility) {
  return {.owner = visibility.owner(), .readers = {visibility.readers().begin(), visibility.readers().end()}};
}

}  // namespace orewatch::alerting
