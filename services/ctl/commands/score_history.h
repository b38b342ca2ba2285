// `score history` and `score years`.
#pragma once

#include "absl/status/status.h"
#include "services/ctl/cli/session.h"

namespace orewatch::ctl {

// Of the subject that is the second word.
absl::Status RunScoreHistory(const Session& session);
absl::Status RunScoreYears(const Session& session);

}  // namespace orewatch::ctl
