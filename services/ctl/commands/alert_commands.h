// Commands below `alerts` that have files of their own.
#pragma once

#include "absl/status/status.h"
#include "services/ctl/cli/session.h"

namespace orewatch::ctl {

absl::Status TestRules(const Session& session);
absl::Status ListDeliveries(const Session& session);
absl::Status ReplayDelivery(const Session& session);

}  // namespace orewatch::ctl
