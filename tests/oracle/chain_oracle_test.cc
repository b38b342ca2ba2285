// Closed forms and simulations of supply chains and projects, as peers computed them.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "services/risk/domain/project_pipeline.h"
#include "services/risk/domain/time_to_survive.h"
#include "tests/oracle/reference.h"

namespace orewatch::risk {
namespace {

std::string OracleFile() { return absl::StrCat(testing::ReferenceDir(), "/../methods/SIMULATION_ORACLES.json"); }

class ChainOracleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(OracleFile())) {
      GTEST_SKIP() << OracleFile() << " is not there (OREWATCH_ORACLE_DIR)";
    }
    std::ifstream(OracleFile()) >> oracles_;
  }
  nlohmann::json oracles_;
};

// Mine, refiner, alloy and magnet, with finished stocks for 7, 10, 20 and 15 days of a demand of 1 a day.
TEST_F(ChainOracleTest, DaysAndLossesOfTheChain) {
  const std::vector<std::string> stages = {"mine", "refiner", "alloy", "magnet"};
  StockChain chain{{{7}, {10}, {20}, {15}}, {}};
  for (size_t stage = 0; stage + 1 < stages.size(); ++stage) {
    chain.links.push_back({stage, stage + 1, CoverDays(0, 1), true, 1, {}});
  }
  // The same stocks, held by the receivers as inputs.
  StockChain as_inputs{{{7}, {0}, {0}, {0}}, chain.links};
  for (size_t stage = 0; stage + 1 < stages.size(); ++stage) {
    as_inputs.links[stage].cover_days = chain.nodes[stage + 1].cover_days;
  }
  for (size_t stage = 0; stage < stages.size(); ++stage) {
    const Days days = TimeToSurvive(chain, stage, 3);
    EXPECT_TRUE(days.known());
    EXPECT_EQ(days.lower, oracles_["ttr"]["chain_tts"][stages[stage]].get<double>()) << stages[stage];
    EXPECT_EQ(LostDuring(days, 1, 60).lower, oracles_["ttr"]["chain_lost60"][stages[stage]].get<double>());
  }
  EXPECT_EQ(TimeToSurvive(as_inputs, 0, 3).lower, oracles_["ttr"]["chain_tts"]["mine"].get<double>());
}

class PipelineOracleTest : public ChainOracleTest {
 protected:
  static constexpr uint32_t kRuns = 1'000'000;
  double Expected(const char* figure) const { return oracles_["pipeline"][figure].get<double>(); }
  static PipelineOptions Options(double country_failure) { return {20, kRuns, 2, country_failure}; }
};

// Four standard errors of a mean of kRuns draws of the given deviation, and the rounding of the figure.
double Error(double deviation, double rounding) { return 4 * deviation / std::sqrt(1e6) + rounding; }

TEST_F(PipelineOracleTest, ThreeGatesOfExponentialTimes) {
  const Duration years{Duration::Kind::kExponential, 2, 0};
  const PipelineProject project{"projects/a", "", {{0.8, years}, {0.7, years}, {0.9, years}}, 100, 0};
  double ever = 0;
  double by_ten = 0;
  double tonnes = 0;
  for (const double start : SimulateStarts(project, Options(0))) {
    ever += std::isfinite(start) ? 1.0 / kRuns : 0;
    by_ten += start <= 10 ? 1.0 / kRuns : 0;
    tonnes += TonnesBy(project, start, 10) / kRuns;
  }
  EXPECT_NEAR(ever, Expected("p_success"), Error(0.5, 0));
  EXPECT_NEAR(by_ten, Expected("p_online_10"), Error(0.5, 5e-7));
  EXPECT_NEAR(by_ten / ever, Expected("erlang3_10"), Error(0.5 / std::sqrt(0.504), 5e-7));
  EXPECT_NEAR(tonnes, Expected("cum_output_10"), Error(290, 5e-5));
}

TEST_F(PipelineOracleTest, TwoProjectsOfOneCountry) {
  const auto project = [](const char* name) { return PipelineProject{name, "countries/CD", {{0.6, {}}}, 0, 0}; };
  const std::vector<double> a = SimulateStarts(project("projects/a"), Options(0.1));
  const std::vector<double> b = SimulateStarts(project("projects/b"), Options(0.1));
  double both = 0;
  double one = 0;
  for (size_t run = 0; run < a.size(); ++run) {
    both += std::isinf(a[run]) && std::isinf(b[run]) ? 1.0 / kRuns : 0;
    one += (std::isinf(a[run]) + std::isinf(b[run])) * 0.5 / kRuns;
  }
  EXPECT_NEAR(both, Expected("both_fail"), Error(0.43, 0));
  EXPECT_NEAR((both - one * one) / (one * (1 - one)), Expected("corr"), Error(1.1, 5e-5));
}

}  // namespace
}  // namespace orewatch::risk
