// Everything about one mineral, from what the neighbours said.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "orewatch/risk/v1/risk.pb.h"

namespace orewatch::gateway {

struct MineralBriefParts {
  absl::StatusOr<registry::v1::Mineral> mineral = absl::UnknownError("not asked");
  absl::StatusOr<risk::v1::ListScoresResponse> scores = absl::UnknownError("not asked");
  // The importer that the caller named, once the registry has been asked for it; empty: none was named.
  absl::StatusOr<std::string> importer = std::string();
  absl::StatusOr<alerting::v1::ListAlertsResponse> alerts = absl::UnknownError("not asked");
};

// NOT_FOUND or OUT_OF_RANGE if the registry says so of the mineral or the importer, UNAVAILABLE if no part came. With
// an importer, scores for others are left out. So are parts of another history than the registry's.
absl::StatusOr<gateway::v1::MineralBrief> MakeMineralBrief(const std::string& importer, MineralBriefParts parts);

}  // namespace orewatch::gateway
