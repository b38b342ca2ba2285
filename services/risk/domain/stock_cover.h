// How long a country's stocks of a mineral last, in days of a use that their source names, against the classes that
// Japan and the Republic of Korea plan with.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/score.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// stock / (annual use / 365); nothing without use.
std::optional<double> DaysOfCover(double stock_tonnes, double annual_use_tonnes);

// The largest class that is reached; 0: none.
double ClassOf(double days, const std::vector<double>& classes);

// `country`: resource name. Stockpiles that name the mineral and what they hold; a class of minerals lends nothing to
// its members. Of several the value is that of the latest date: they may overlap or count days of unlike use, so that
// they are not added, and the bounds run from the least to their sum (SEVERAL_STOCKPILES). Unset with NO_STOCKPILE.
// DENOMINATOR_UNKNOWN where the source does not say whose use the days are of.
Score StockCover(const World& world, const std::string& mineral, const std::string& country);

}  // namespace orewatch::risk
