// What the methods about supply chains answer: one function a method.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "orewatch/risk/v1/exposure.pb.h"
#include "services/risk/domain/patience.h"
#include "services/risk/domain/snapshot.h"

namespace orewatch::risk {

// Who asks, and whether he still waits.
struct Asker {
  std::string principal;
  Patience patience = nullptr;
};

// How a listing finds the revision of its first page again.
struct Paging {
  std::function<std::optional<Snapshot>(const std::string& lineage, int64_t revision)> kept;
  std::string secret;
  absl::Time now;
};

// Each uses what the asker may read of the snapshot's chains, and nothing else. The errors are those of
// orewatch.risk.v1.Risk; any answer will do once he does not wait any more.
absl::StatusOr<v1::ListExposuresResponse> Answer(const v1::ListExposuresRequest& request, const Snapshot& newest,
                                                 const Asker& asker, const Paging& paging);
absl::StatusOr<v1::ListSupplyPathsResponse> Answer(const v1::ListSupplyPathsRequest& request, const Snapshot& snapshot,
                                                   const Asker& asker);
absl::StatusOr<v1::ListFailurePointsResponse> Answer(const v1::ListFailurePointsRequest& request,
                                                     const Snapshot& snapshot, const Asker& asker);
absl::StatusOr<v1::ListAlternativesResponse> Answer(const v1::ListAlternativesRequest& request,
                                                    const Snapshot& snapshot, const Asker& asker);
absl::StatusOr<v1::TimeToSurvive> Answer(const v1::GetTimeToSurviveRequest& request, const Snapshot& snapshot,
                                         const Asker& asker);

}  // namespace orewatch::risk
