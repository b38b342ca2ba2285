// Ranks candidates by a weighted mean of factors, and says how far the unknown could move each rank.
#pragma once

#include <string>
#include <vector>

namespace orewatch::risk {

// A factor on 0 (worst) to 1 (best), whatever the other candidates are: leaving one out changes no order among the
// rest. lower <= value <= upper. What is unknown counts as the worst that it may be.
struct ScaledFactor {
  double value = 0;
  double lower = 0;
  double upper = 1;
  // Parts of the value that are shares of wholes which may be larger than is known: down to nothing, but in one
  // proportion for all candidates. One for each whole, of all candidates in the same order; those that are left out are
  // 0.
  std::vector<double> of_open_wholes;
};

struct RankingCandidate {
  std::string country;
  // Of all candidates in the same order.
  std::vector<ScaledFactor> factors;
};

struct RankedCandidate {
  std::string country;
  double score = 0;
  double lower = 0;
  double upper = 0;
  // 1 + those with a higher score: equal scores share a rank.
  int rank = 0;
  // Over every value that the factors of all candidates may have. Two are held against each other where they depend on
  // the same unknown: of two known parts of one whole the larger stays the larger.
  int best_rank = 0;
  int worst_rank = 0;
  // What each factor adds to the score.
  std::vector<double> contributions;
};

// `weights`: one a factor, at least 0, not all 0. By rank, then by country.
std::vector<RankedCandidate> RankByFactors(const std::vector<RankingCandidate>& candidates,
                                           const std::vector<double>& weights);

}  // namespace orewatch::risk
