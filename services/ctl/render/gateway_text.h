// The gateway's answers as people read them.
#pragma once

#include <string>

#include "orewatch/gateway/v1/gateway.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

// The minerals of a list by rank: concentration at the mine and at the bottleneck with bounds, the highest EU-style
// supply risk with its stage, and what is missing. At most 160 columns wide for the bundled data.
Table OverviewTable(const gateway::v1::Overview& overview);

// The table, then the firing alerts, then each section that is not fresh.
std::string OverviewText(const gateway::v1::Overview& overview);

std::string BriefText(const gateway::v1::MineralBrief& brief);

// The sections that are not whole, such as `risk, alerting`; blank: the answer has all it should.
std::string MissingSections(const gateway::v1::Overview& overview);
std::string MissingSections(const gateway::v1::MineralBrief& brief);

}  // namespace orewatch::ctl
