// Where a call goes.
#pragma once

#include "absl/strings/string_view.h"

namespace orewatch::config {

// Whether what is sent to `target` (host:port, or several behind a scheme, as gRPC takes them) never leaves this
// machine. Of names that is said of localhost alone: nobody knows what another one will mean.
bool StaysOnThisMachine(absl::string_view target);

}  // namespace orewatch::config
