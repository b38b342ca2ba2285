// What happened when: a score for each year of the data, all at one revision.
#pragma once

#include <vector>

#include "services/risk/domain/score.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// Years with figures of what the score reads first: production, trade, or the governance of a country. None for stocks.
std::vector<int> YearsOf(const World& world, const ScoreKey& key);

// What of the world a score reads, as if no later year had figures: the series of production is the one that is read
// now, governance, indicators and reserves are the latest up to the year, and measures, agreements and memberships
// those in force at its end.
World AsOfYear(const World& world, const ScoreKey& key, int year);

}  // namespace orewatch::risk
