// Visibility to and from its message.
#pragma once

#include "orewatch/type/v1/types.pb.h"
#include "services/alerting/domain/visibility.h"

namespace orewatch::alerting {

void ToProto(const Visibility& visibility, type::v1::Visibility& out);
Visibility FromProto(const type::v1::Visibility& visibility);

}  // namespace orewatch::alerting
