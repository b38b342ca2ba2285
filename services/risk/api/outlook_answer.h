// The answer of GetProjectOutlook.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// From what `principal` may read. INVALID_ARGUMENT naming each field out of bounds; NOT_FOUND for a project that is not
// there or not his to read.
absl::StatusOr<v1::ProjectOutlook> ProjectOutlookAnswer(const v1::GetProjectOutlookRequest& request,
                                                        const std::string& principal, const Snapshot& snapshot);

}  // namespace orewatch::risk
