#include "services/risk/domain/partner_ranking.h"

#include <algorithm>
#include <tuple>

namespace orewatch::risk {
namespace {

RankedCandidate ScoreOf(const RankingCandidate& candidate, const std::vector<double>& parts) {
  RankedCandidate scored;
  scored.country = candidate.country;
  for (size_t i = 0; i < parts.size(); ++i) {
    const ScaledFactor& factor = candidate.factors[i];
    scored.contributions.push_back(parts[i] * factor.value);
    scored.score += parts[i] * factor.value;
    scored.lower += parts[i] * factor.lower;
    scored.upper += parts[i] * factor.upper;
  }
  return scored;
}

void RankAmong(const std::vector<RankedCandidate>& all, RankedCandidate& ranked) {
  ranked.rank = 1;
  ranked.best_rank = 1;
  ranked.worst_rank = 1;
  for (const RankedCandidate& other : all) {
    ranked.rank += other.score > ranked.score ? 1 : 0;
    ranked.best_rank += other.lower > ranked.upper ? 1 : 0;
    ranked.worst_rank += other.country != ranked.country && other.upper > ranked.lower ? 1 : 0;
  }
}

}  // namespace

std::vector<RankedCandidate> RankByFactors(const std::vector<RankingCandidate>& candidates,
                                           const std::vector<double>& weights) {
  double total = 0;
  for (const double weight : weights) {
    total += weight;
  }
  std::vector<double> parts;
  parts.reserve(weights.size());
  for (const double weight : weights) {
    parts.push_back(weight / total);
  }
  std::vector<RankedCandidate> ranked;
  ranked.reserve(candidates.size());
  for (const RankingCandidate& candidate : candidates) {
    ranked.push_back(ScoreOf(candidate, parts));
  }
  for (RankedCandidate& one : ranked) {
    RankAmong(ranked, one);
  }
  std::sort(ranked.begin(), ranked.end(), [](const RankedCandidate& a, const RankedCandidate& b) {
    return std::tie(a.rank, a.country) < std::tie(b.rank, b.country);
  });
  return ranked;
}

}  // namespace orewatch::risk
