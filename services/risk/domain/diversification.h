// How far the concentration of an importer's supply falls if what is free in one country takes the place of the rest.
#pragma once

#include <string>

#include "services/risk/domain/shares.h"

namespace orewatch::risk {

struct Move {
  // Part of all imports that moves, at most what is free and no more than pays.
  double share = 0;
  // (H - H after) / H, 0 to 1.
  double fall = 0;
};

// What one country adds to H, the sum of squared shares of the imports, each weighted by governance risk, and its part
// of them.
struct SupplyMix {
  double concentration_of_others = 0;
  double candidate_share = 0;
  double candidate_risk = 0;
};

// All other sources, those that nobody can name too, give way in proportion. Of all moves up to `free_share` of the
// imports the one after which
//   H(m) = (1 - m)^2 sum of g s^2 over the others + g (s + m (1 - s))^2
// is least: who has bought enough stops. Never less fall for more that is free.
Move BestMove(const SupplyMix& mix, double free_share);

}  // namespace orewatch::risk
