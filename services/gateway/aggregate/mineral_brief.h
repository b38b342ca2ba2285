// Everything about one mineral, from what the neighbours said.
#pragma once

#include "absl/status/statusor.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/gateway/aggregate/importer.h"
#include "services/gateway/client/part.h"

namespace orewatch::gateway {

struct MineralBriefParts {
  Part<registry::v1::BatchGetResponse> mineral;
  Part<risk::v1::ListScoresResponse> scores;
  // Whom the caller named; empty: nobody.
  ImporterPart importer;
  Part<alerting::v1::ListAlertsResponse> alerts;
};

// NOT_FOUND or OUT_OF_RANGE if the registry says so of the mineral or the importer, INVALID_ARGUMENT if it can be no
// mineral's name, UNAVAILABLE if no part came. With an importer, scores for others are left out. So are parts of
// another history than the registry's.
absl::StatusOr<gateway::v1::MineralBrief> MakeMineralBrief(MineralBriefParts parts);

}  // namespace orewatch::gateway
