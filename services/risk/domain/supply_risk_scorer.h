// Supply risk of one mineral at one stage for one importer, after the EU methodology of 2017.
#pragma once

#include <string>

#include "services/risk/domain/series_view.h"

namespace orewatch::risk {

// `importer` is the resource name of a country or bloc. The year is the latest that production and trade share, else
// the latest of each. Unset with NO_TRADE where nothing is known of the importer's trade, NO_MEMBERS for a bloc that
// was empty in the year.
//
// Domestic production is added to imports, and import reliance computed, only where both count the same basis and
// scope in tonnes; else the importer's own output is a part of unknown size. Reasons beside those of EuSupplyRisk:
// YEARS_DIFFER, BASIS_MISMATCH, SCOPE_MISMATCH, OTHER_BASIS_LEFT_OUT, FORMS_ADDED (gross masses of several HS codes are
// one sum), MAIN_FORM_MISSING:hs, DOMESTIC_PRODUCTION_UNKNOWN, NEWER_DATASET_UNUSED:dataset, RECYCLING_REGION:XX,
// SUBSTITUTION_REGION:XX. Notes: GOVERNANCE_YEAR:year, RECYCLING_YEAR:year, SUBSTITUTION_YEAR:year,
// POSSIBLE_REEXPORT:XX (no output of the exporter is known at the stage; it may still be among the other countries).
Score SupplyRisk(const SeriesView& view, const std::string& importer);

}  // namespace orewatch::risk
