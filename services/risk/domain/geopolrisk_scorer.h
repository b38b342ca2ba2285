// GeoPolRisk of one mineral at one stage, for an importer or for a company's own suppliers.
#pragma once

#include <string>
#include <vector>

#include "services/risk/domain/geopolrisk.h"
#include "services/risk/domain/series_view.h"

namespace orewatch::risk {

// `importer` is the resource name of a country or bloc. The year is the latest that production and trade share, else
// the latest of each. A bloc's members are summed; what they sell each other counts as imports without risk.
//
// Own production counts only where it and trade count the same basis and scope in tonnes; else it may be any, which
// lowers the lower bound to 0. It may also be among the other countries, where the importer is not named.
// Unset with NO_TRADE where no imports are known, NO_MEMBERS for a bloc that was empty in the year, NO_SHARES where
// nothing of world production is known. Reasons beside those of ImportRisk: BASIS_MISMATCH and SCOPE_MISMATCH (where
// the importer produces), YEARS_DIFFER, OTHER_BASIS_LEFT_OUT, FORMS_ADDED, MAIN_FORM_MISSING:hs,
// NEWER_DATASET_UNUSED:dataset. Notes: GOVERNANCE_YEAR:year, POSSIBLE_REEXPORT:XX, OTHERS_LEFT_OUT, PRICE_PARTIAL,
// PRICE_UNKNOWN.
Score GeoPolRisk(const SeriesView& view, const std::string& importer, const GeoPolRiskParameters& parameters);

// What a company bought from one country.
struct Purchase {
  // Alpha-2, or ZZ.
  std::string country;
  double tonnes = 0;
  std::optional<double> value_usd;
};

// Of a company that produces nothing itself, in the latest year of production.
Score GeoPolRiskOfPurchases(const SeriesView& view, const std::vector<Purchase>& purchases,
                            const GeoPolRiskParameters& parameters);

}  // namespace orewatch::risk
