// What the methods about supply chains answer: one function a method.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "orewatch/risk/v1/exposure.pb.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// Each uses what `principal` may read of the snapshot's chains, and nothing else. The errors are those of
// orewatch.risk.v1.Risk.
absl::StatusOr<v1::ListExposuresResponse> Answer(const v1::ListExposuresRequest& request, const Snapshot& snapshot,
                                                 const std::string& principal);
absl::StatusOr<v1::ListSupplyPathsResponse> Answer(const v1::ListSupplyPathsRequest& request, const Snapshot& snapshot,
                                                   const std::string& principal);
absl::StatusOr<v1::ListFailurePointsResponse> Answer(const v1::ListFailurePointsRequest& request,
                                                     const Snapshot& snapshot, const std::string& principal);
absl::StatusOr<v1::ListAlternativesResponse> Answer(const v1::ListAlternativesRequest& request,
                                                    const Snapshot& snapshot, const std::string& principal);
absl::StatusOr<v1::TimeToSurvive> Answer(const v1::GetTimeToSurviveRequest& request, const Snapshot& snapshot,
                                         const std::string& principal);

}  // namespace orewatch::risk
