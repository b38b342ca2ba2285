// The ranking of an official list of minerals, from what the neighbours said.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/gateway/aggregate/importer.h"
#include "services/gateway/client/part.h"

namespace orewatch::gateway {

struct OverviewParts {
  Part<registry::v1::ListMineralsResponse> minerals;
  // HHI of all minerals and stages.
  Part<risk::v1::ListScoresResponse> concentration;
  // EU-style supply risk of all minerals for the importer.
  Part<risk::v1::ListScoresResponse> supply_risk;
  // Whom the caller named; empty: nobody.
  ImporterPart importer;
  Part<alerting::v1::ListAlertsResponse> firing;
};

// Ranks the minerals of `critical_list` by the HHI of their bottleneck stage, worst first, those without a score last,
// equals by name; at most `limit` if it is not 0. Without the registry, the minerals that have scores are ranked by
// name of the resource alone and the list is not applied. UNAVAILABLE if no part came; INVALID_ARGUMENT if the
// registry knows no mineral of the list; OUT_OF_RANGE if it says so; NOT_FOUND if it knows no such importer. Parts of
// another history than the registry's are left out.
absl::StatusOr<gateway::v1::Overview> MakeOverview(const std::string& critical_list, int limit, OverviewParts parts);

}  // namespace orewatch::gateway
