// The answer of RankPartners.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// From what `principal` may read. INVALID_ARGUMENT naming each field that cannot be meant; NOT_FOUND for a mineral,
// importer or exclusion that the registry does not have; FAILED_PRECONDITION, NO_TODAY, before a day has begun.
absl::StatusOr<v1::RankPartnersResponse> RankPartnersAnswer(const v1::RankPartnersRequest& request,
                                                            const std::string& principal, const Snapshot& snapshot);

}  // namespace orewatch::risk
