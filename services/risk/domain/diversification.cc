#include "services/risk/domain/diversification.h"

#include <algorithm>

namespace orewatch::risk {

Move BestMove(const SupplyMix& mix, double free_share) {
  const double rest = 1 - mix.candidate_share;
  const double g = mix.candidate_risk;
  const auto concentration_after = [&](double moved) {
    const double share = mix.candidate_share + moved * rest;
    return mix.concentration_of_others * (1 - moved) * (1 - moved) + g * share * share;
  };
  const double now = concentration_after(0);
  if (rest <= 0 || now <= 0) {
    return {};
  }
  const double curvature = mix.concentration_of_others + g * rest * rest;
  const double best = curvature > 0 ? (mix.concentration_of_others - g * rest * mix.candidate_share) / curvature : 0;
  const double moved = std::clamp(best, 0.0, std::min(1.0, free_share / rest));
  return {moved * rest, std::max(0.0, (now - concentration_after(moved)) / now)};
}

}  // namespace orewatch::risk
