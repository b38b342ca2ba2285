// Whose part of the world's output or reserves is how large, as far as it is known.
#pragma once

#include <string>
#include <vector>

#include "services/risk/domain/partner_ranking.h"
#include "services/risk/domain/series.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// A country's part of a whole. Who is not named may be all of the other countries; who withholds may have any part; and
// where the whole is larger by an unknown amount a known part may be next to nothing.
ScaledFactor PartOf(const Shares& shares, const std::string& country);

// Why a part is not exact: UNKNOWN (the country's amount), WORLD_TOTAL_UNKNOWN, AMONG_OTHERS; empty: it is.
std::string InexactBecause(const Shares& shares, const std::string& country);

// Of one product, or (empty) of whatever is chosen.
ProductionSeries OutputOf(const World& world, const SeriesId& id, const std::string& product);

// The nearest stage with output on either side.
std::vector<ProductionSeries> NeighbouringOutput(const World& world, const SeriesId& id);

}  // namespace orewatch::risk
