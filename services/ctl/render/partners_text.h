// Partners and projects as people read them.
#pragma once

#include <string>

#include "orewatch/risk/v1/risk.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

// One row a candidate, one column a factor: its figure, with `?` where it is unknown.
Table PartnerTable(const risk::v1::RankPartnersResponse& response);
// The table under what it rests on: imports, risk, weights and what is missing for all.
std::string PartnersText(const risk::v1::RankPartnersResponse& response);

// A project, whether and when it produces, how late it is, and what hangs on its commitments.
std::string ProjectOutlookText(const risk::v1::ProjectOutlook& outlook);
// By year, from published rates and with the assumptions.
Table OutlookTable(const risk::v1::ProjectOutlook& outlook);

}  // namespace orewatch::ctl
