// Scores by key, a page at a time.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/api/paging.h"
#include "services/risk/domain/snapshot.h"

namespace orewatch::risk {

// The errors are those of orewatch.risk.v1.Risk.
absl::StatusOr<v1::ListScoresResponse> ListScores(const v1::ListScoresRequest& request, const Snapshot& newest,
                                                  const std::string& principal, const Paging& paging);

}  // namespace orewatch::risk
