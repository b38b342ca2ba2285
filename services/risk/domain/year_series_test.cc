#include "services/risk/domain/year_series.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr StageNumber kMine = 1;
const ScoreKey kTin = {"minerals/tin", kMine, "", Method::kHhi};

class YearSeriesTest : public ::testing::Test {
 protected:
  void Produce(const std::string& country, int year, double tonnes, const std::string& dataset = "usgs-mcs-2026") {
    Figure figure;
    figure.amount = tonnes;
    changes_.production[{{"minerals/tin", kMine}, {dataset, "", 2, "", year, country}}] = figure;
  }
  void Govern(const std::string& country, int year, double estimate) {
    GovernanceFact fact;
    fact.estimates.fill(estimate);
    changes_.governance[{country, year, "wgi"}] = fact;
  }
  std::vector<std::pair<int, double>> Series(const ScoreKey& key) const {
    std::vector<std::pair<int, double>> series;
    for (const auto& score : Model(Parameters()).Apply(changes_, 1)->FindByYear(key, 0, 9999)) {
      series.emplace_back(score->reference_year, *score->estimate.value);
    }
    return series;
  }

  Changes changes_;
};

TEST_F(YearSeriesTest, HasAScoreForEachYearOfItsSeries) {
  Produce("CN", 2022, 1);
  Produce("CN", 2023, 50);
  Produce("ID", 2023, 50);
  Produce("ID", 2024, 7);
  EXPECT_THAT(Series(kTin), ElementsAre(Pair(2022, 10'000), Pair(2023, 5000), Pair(2024, 10'000)));
}

TEST_F(YearSeriesTest, EndsWithTheScoreThatIsKept) {
  Produce("CN", 2023, 50);
  Produce("ID", 2023, 50);
  Produce("CN", 2024, 30);
  Produce("ID", 2024, 70);
  const auto model = Model(Parameters()).Apply(changes_, 1);
  EXPECT_EQ(model->FindByYear(kTin, 0, 9999).back()->estimate.value, model->Find(kTin)->estimate.value);
  EXPECT_EQ(model->FindByYear(kTin, 0, 2023).back()->reference_year, 2023);
  EXPECT_THAT(model->FindByYear(kTin, 2025, 9999), IsEmpty());
}

TEST_F(YearSeriesTest, ReadsOneSeriesThroughout) {
  Produce("CN", 2022, 1, "iea-2025");
  Produce("CN", 2023, 1);
  Produce("CN", 2024, 1);
  EXPECT_THAT(Series(kTin), ElementsAre(Pair(2023, 10'000), Pair(2024, 10'000)));
}

TEST_F(YearSeriesTest, WeighsWithTheGovernanceThatWasKnownOfTheYear) {
  for (const int year : {2022, 2023, 2024}) {
    Produce("CN", year, 1);
  }
  Govern("CN", 2022, 2.5);
  Govern("CN", 2024, -2.5);
  ScoreKey key = kTin;
  key.method = Method::kHhiGovernance;
  EXPECT_THAT(Series(key), ElementsAre(Pair(2022, 0), Pair(2023, 0), Pair(2024, 10'000)));
}

TEST_F(YearSeriesTest, FollowsTheGovernanceOfACountry) {
  Govern("CN", 2022, 2.5);
  Govern("CN", 2024, -2.5);
  Govern("ID", 2023, 0);
  const ScoreKey key = {"countries/CN", 0, "", Method::kCountryGovernance};
  EXPECT_THAT(Series(key), ElementsAre(Pair(2022, 0), Pair(2024, 10)));
}

TEST_F(YearSeriesTest, HasNoneOfStocks) {
  Produce("CN", 2024, 1);
  EXPECT_THAT(Series({"minerals/tin", 0, "countries/JP", Method::kStockCover}), IsEmpty());
}

}  // namespace
}  // namespace orewatch::risk
