// Economic importance of a mineral for an economy after the EU methodology of 2017, from the registry's indicators, and
// whether the mineral is critical there.
#pragma once

#include <set>
#include <string>

#include "services/risk/domain/world.h"

namespace orewatch::risk {

// `importer` is the resource name of a country or bloc. Read are the end uses of the mineral there, of their latest
// year, and the value added of its sectors, of theirs; of several datasets of one year the first by name. Another
// economy's never stand in.
//
// Unset with NO_END_USES where no use of the mineral there is known, NO_VALUE_ADDED where none of a sector is. Beside a
// value: END_USE_UNKNOWN (shares leave a rest), SHARES_EXCEED_ONE, VALUE_ADDED_UNKNOWN:sector, SUBSTITUTION_UNKNOWN,
// SUBSTITUTION_REGION:XX. Notes: VALUE_ADDED_YEAR:year, SUBSTITUTION_YEAR:year.
//
// Components: `substitution_index`, `supply_risk` as given (that of the worst stage), and `critical`, 1 or 0, which has
// a value only if both supply risk and importance have one.
Score EconomicImportanceOf(const World& world, const std::string& mineral, const std::string& importer,
                           const Estimate& supply_risk);

// Years in which end uses of the mineral in the economy are known.
std::set<int> EndUseYears(const World& world, const std::string& mineral, const std::string& importer);

}  // namespace orewatch::risk
