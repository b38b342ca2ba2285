#include "services/risk/domain/partner_ranking.h"

#include <algorithm>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/risk/domain/diversification.h"

namespace orewatch::risk {
namespace {

using Random = std::mt19937_64;

double Unit(Random& random) { return std::uniform_real_distribution<double>(0, 1)(random); }

ScaledFactor RandomFactor(Random& random) {
  // Coarse, so that there are equal scores.
  const auto coarse = [&] { return static_cast<double>(random() % 5) / 4; };
  double ends[] = {coarse(), coarse(), coarse()};
  std::sort(std::begin(ends), std::end(ends));
  ScaledFactor factor{ends[1], ends[0], ends[2], {}};
  if (random() % 2 == 0) {
    factor.of_open_wholes = {ends[1] - ends[0]};
  }
  return factor;
}

// One of the values that the factor may have where the whole is larger, so that known shares are `kept` of what they
// are.
double Drawn(const ScaledFactor& factor, double kept, Random& random) {
  const double open = factor.of_open_wholes.empty() ? 0 : factor.of_open_wholes[0];
  return factor.lower + kept * open + (factor.upper - open - factor.lower) * Unit(random);
}

struct Case {
  std::vector<RankingCandidate> candidates;
  std::vector<double> weights;
};
Case RandomCase(Random& random) {
  Case made;
  const size_t factors = 1 + random() % 7;
  for (size_t i = 0; i < factors; ++i) {
    made.weights.push_back(static_cast<double>(random() % 4));
  }
  made.weights.back() += 1;
  const size_t candidates = 1 + random() % 12;
  for (size_t i = 0; i < candidates; ++i) {
    RankingCandidate candidate{absl::StrCat("C", i), {}};
    for (size_t k = 0; k < factors; ++k) {
      candidate.factors.push_back(RandomFactor(random));
    }
    made.candidates.push_back(candidate);
  }
  return made;
}

std::map<std::string, RankedCandidate> ByCountry(const Case& made) {
  std::map<std::string, RankedCandidate> found;
  for (const RankedCandidate& ranked : RankByFactors(made.candidates, made.weights)) {
    found[ranked.country] = ranked;
  }
  return found;
}

constexpr int kCases = 500;

TEST(RankByFactorsTest, DoesNotMindTheOrderOfTheCandidates) {
  Random random(1);
  for (int i = 0; i < kCases; ++i) {
    Case made = RandomCase(random);
    const auto before = RankByFactors(made.candidates, made.weights);
    std::shuffle(made.candidates.begin(), made.candidates.end(), random);
    const auto after = RankByFactors(made.candidates, made.weights);
    ASSERT_EQ(before.size(), after.size());
    for (size_t k = 0; k < before.size(); ++k) {
      ASSERT_EQ(before[k].country, after[k].country);
      ASSERT_EQ(before[k].score, after[k].score);
      ASSERT_EQ(before[k].worst_rank, after[k].worst_rank);
    }
  }
}

TEST(RankByFactorsTest, NeverRanksACandidateLowerForABetterFactor) {
  Random random(2);
  for (int i = 0; i < kCases; ++i) {
    Case made = RandomCase(random);
    const size_t who = random() % made.candidates.size();
    ScaledFactor& factor = made.candidates[who].factors[random() % made.weights.size()];
    const std::string country = made.candidates[who].country;
    const RankedCandidate before = ByCountry(made)[country];
    factor.of_open_wholes.clear();
    factor.value += (factor.upper - factor.value) * Unit(random);
    const RankedCandidate after = ByCountry(made)[country];
    ASSERT_LE(after.rank, before.rank);
    ASSERT_GE(after.score, before.score);
  }
}

TEST(RankByFactorsTest, KeepsEveryRankThatTheBoundsAllowWithinItsInterval) {
  Random random(3);
  for (int i = 0; i < kCases; ++i) {
    const Case made = RandomCase(random);
    const auto stated = ByCountry(made);
    for (const auto& [country, ranked] : stated) {
      ASSERT_LE(ranked.best_rank, ranked.rank);
      ASSERT_GE(ranked.worst_rank, ranked.rank);
    }
    Case drawn = made;
    for (size_t k = 0; k < made.weights.size(); ++k) {
      const double kept = Unit(random);
      for (RankingCandidate& candidate : drawn.candidates) {
        candidate.factors[k].value = Drawn(candidate.factors[k], kept, random);
        candidate.factors[k].of_open_wholes.clear();
      }
    }
    for (const auto& [country, ranked] : ByCountry(drawn)) {
      ASSERT_GE(ranked.rank, stated.at(country).best_rank);
      ASSERT_LE(ranked.rank, stated.at(country).worst_rank);
    }
  }
}

TEST(RankByFactorsTest, KeepsTheOrderOfTheRestWhenOneIsLeftOut) {
  Random random(4);
  for (int i = 0; i < kCases; ++i) {
    Case made = RandomCase(random);
    const auto before = ByCountry(made);
    made.candidates.erase(made.candidates.begin() + static_cast<int64_t>(random() % made.candidates.size()));
    const auto after = ByCountry(made);
    for (const auto& [a, ranked_a] : after) {
      for (const auto& [b, ranked_b] : after) {
        ASSERT_EQ(ranked_a.rank < ranked_b.rank, before.at(a).rank < before.at(b).rank);
      }
    }
  }
}

TEST(RankByFactorsTest, AddsTheScoreUpFromTheContributions) {
  const auto ranked =
      RankByFactors({{"AU", {{1, 1, 1, {}}, {0.5, 0, 1, {}}}}, {"CL", {{0, 0, 0, {}}, {0.5, 0.5, 0.5, {}}}}}, {3, 1});
  EXPECT_EQ(ranked[0].country, "AU");
  EXPECT_DOUBLE_EQ(ranked[0].score, 0.875);
  EXPECT_THAT(ranked[0].contributions, ::testing::ElementsAre(0.75, 0.125));
  EXPECT_EQ(ranked[1].rank, 2);
  EXPECT_EQ(ranked[1].best_rank, 2) << "nothing that is unknown could lift it";
}

TEST(RankByFactorsTest, KeepsTheOrderOfKnownPartsOfAWholeOfUnknownSize) {
  const auto share = [](double part) { return ScaledFactor{part, 0, part, {part}}; };
  const auto ranked = RankByFactors({{"A", {share(0.6)}}, {"B", {share(0.3)}}, {"C", {{0, 0, 1, {}}}}}, {1});
  EXPECT_EQ(ranked[0].country, "A");
  EXPECT_EQ(ranked[0].worst_rank, 2) << "what withholds may be the largest, B may not";
  EXPECT_EQ(ranked[1].best_rank, 1) << "both may be next to nothing, and share a rank";
  EXPECT_EQ(ranked[2].best_rank, 1);
}

TEST(RankByFactorsTest, LetsEqualScoresShareARank) {
  const auto known = [](double value) { return ScaledFactor{value, value, value, {}}; };
  const auto ranked = RankByFactors({{"B", {known(1)}}, {"A", {known(1)}}, {"C", {known(0)}}}, {1});
  EXPECT_EQ(ranked[0].country, "A");
  EXPECT_EQ(ranked[1].rank, 1);
  EXPECT_EQ(ranked[2].rank, 3);
}

TEST(BestMoveTest, GivesNoBenefitWhereNothingIsFree) { EXPECT_EQ(BestMove({0.5, 0.1, 0.2}, 0).fall, 0); }

TEST(BestMoveTest, StopsWhereMoreWouldConcentrateAgain) {
  // One source of share 1 and risk 0.8; a candidate as risky takes half and no more.
  const Move move = BestMove({0.8, 0, 0.8}, 1);
  EXPECT_DOUBLE_EQ(move.share, 0.5);
  EXPECT_DOUBLE_EQ(move.fall, 0.5);
}

TEST(BestMoveTest, IsCappedByWhatIsFree) {
  const Move move = BestMove({0.8, 0, 0.2}, 0.1);
  EXPECT_DOUBLE_EQ(move.share, 0.1);
  EXPECT_DOUBLE_EQ(move.fall, 1 - (0.8 * 0.81 + 0.2 * 0.01) / 0.8);
}

TEST(BestMoveTest, IsTheBestOfAllMovesAndMonotone) {
  Random random(5);
  for (int i = 0; i < kCases; ++i) {
    const double own = Unit(random);
    const double rest = 1 - own;
    const SupplyMix mix{Unit(random) * rest * rest, own, Unit(random)};
    const double free = Unit(random);
    const Move best = BestMove(mix, free);
    ASSERT_LE(best.share, free + 1e-12);
    ASSERT_GE(best.fall, 0);
    ASSERT_LE(best.fall, 1);
    ASSERT_GE(BestMove(mix, free + Unit(random)).fall, best.fall - 1e-12);
    const auto after = [&](double m) {
      const double share = own + m * rest;
      return mix.concentration_of_others * (1 - m) * (1 - m) + mix.candidate_risk * share * share;
    };
    const double moved = std::min(1.0, free / rest) * Unit(random);
    ASSERT_GE(best.fall, (after(0) - after(moved)) / after(0) - 1e-12);
  }
}

}  // namespace
}  // namespace orewatch::risk
