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

double OpenPart(const ScaledFactor& factor, size_t whole) {
  return whole < factor.of_open_wholes.size() ? factor.of_open_wholes[whole] : 0;
}

// How far `a` may at most be above `b`.
double MostAbove(const ScaledFactor& a, const ScaledFactor& b) {
  double open_of_a = 0;
  double above = 0;
  for (size_t whole = 0; whole < std::max(a.of_open_wholes.size(), b.of_open_wholes.size()); ++whole) {
    open_of_a += OpenPart(a, whole);
    above += std::max(0.0, OpenPart(a, whole) - OpenPart(b, whole));
  }
  return above + a.upper - open_of_a - b.lower;
}

double MostAbove(const RankingCandidate& a, const RankingCandidate& b, const std::vector<double>& parts) {
  double above = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    above += parts[i] * MostAbove(a.factors[i], b.factors[i]);
  }
  return above;
}

RankedCandidate RankOf(size_t which, const std::vector<RankingCandidate>& candidates,
                       const std::vector<RankedCandidate>& scored, const std::vector<double>& parts) {
  RankedCandidate ranked = scored[which];
  ranked.rank = 1;
  int surely_above = 0;
  int maybe_above = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (i != which) {
      ranked.rank += scored[i].score > ranked.score ? 1 : 0;
      surely_above += MostAbove(candidates[which], candidates[i], parts) < 0 ? 1 : 0;
      maybe_above += MostAbove(candidates[i], candidates[which], parts) > 0 ? 1 : 0;
    }
  }
  // Whose scores differ by rounding alone.
  ranked.best_rank = std::min(ranked.rank, 1 + surely_above);
  ranked.worst_rank = std::max(ranked.rank, 1 + maybe_above);
  return ranked;
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
  std::vector<RankedCandidate> scored;
  scored.reserve(candidates.size());
  for (const RankingCandidate& candidate : candidates) {
    scored.push_back(ScoreOf(candidate, parts));
  }
  std::vector<RankedCandidate> ranked;
  ranked.reserve(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    ranked.push_back(RankOf(i, candidates, scored, parts));
  }
  std::sort(ranked.begin(), ranked.end(), [](const RankedCandidate& a, const RankedCandidate& b) {
    return std::tie(a.rank, a.country) < std::tie(b.rank, b.country);
  });
  return ranked;
}

}  // namespace orewatch::risk
