#include "services/risk/domain/model.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr StageNumber kMine = 1;
constexpr StageNumber kRefine = 3;

class ModelTest : public ::testing::Test {
 protected:
  static Figure Tonnes(std::optional<double> amount, bool withheld = false) {
    Figure figure;
    figure.amount = amount;
    figure.withheld = withheld;
    return figure;
  }
  static void Produce(Changes& changes, const std::string& mineral, StageNumber stage, const std::string& country,
                      std::optional<Figure> figure, const std::string& dataset = "usgs-mcs-2026", int year = 2024) {
    changes.production[{{mineral, stage}, {dataset, "", 2, "", year, country}}] = std::move(figure);
  }
  // Nobody looks at how a date is spelled; only its order counts.
  static Restriction BanBy(const std::string& country, const std::string& mineral, size_t day) {
    Restriction ban;
    ban.imposer = country;
    ban.kind = TradeRelation::kBan;
    ban.mineral = mineral;
    ban.effective = absl::StrCat("2024-", 100 + day);
    return ban;
  }
  static std::shared_ptr<const Model> Empty() { return std::make_shared<const Model>(Parameters()); }
  static const Score& At(const Model& model, const std::string& mineral, StageNumber stage,
                         Method method = Method::kHhi, const std::string& importer = "") {
    return *model.scores().at({mineral, stage, importer, method});
  }
};

TEST_F(ModelTest, SaysWhereAnotherStageMayBeTheWorst) {
  Changes changes;
  Produce(changes, "minerals/cobalt", kMine, "CD", Tonnes(50));
  Produce(changes, "minerals/cobalt", kMine, "AU", Figure());
  Produce(changes, "minerals/cobalt", kRefine, "CN", Tonnes(90));
  Produce(changes, "minerals/cobalt", kRefine, "FI", Tonnes(100));
  const auto unsure = Empty()->Apply(changes, 1);
  EXPECT_THAT(At(*unsure, "minerals/cobalt", kMine).notes, ::testing::ElementsAre("BOTTLENECK_UNSURE"));
  EXPECT_THAT(At(*unsure, "minerals/cobalt", kRefine).notes, ::testing::IsEmpty());
  Changes known;
  Produce(known, "minerals/cobalt", kMine, "AU", Tonnes(1));
  EXPECT_THAT(At(*unsure->Apply(known, 2), "minerals/cobalt", kMine).notes, ::testing::IsEmpty());
}

TEST_F(ModelTest, ScoresTheStagesOfAMineralAndMarksTheWorst) {
  Changes changes;
  Produce(changes, "minerals/cobalt", kMine, "CD", Tonnes(50));
  Produce(changes, "minerals/cobalt", kMine, "AU", Tonnes(50));
  Produce(changes, "minerals/cobalt", kRefine, "CN", Tonnes(90));
  Produce(changes, "minerals/cobalt", kRefine, "FI", Tonnes(10));
  const auto model = Empty()->Apply(changes, 1);
  EXPECT_DOUBLE_EQ(*At(*model, "minerals/cobalt", kMine).estimate.value, 5000);
  EXPECT_FALSE(At(*model, "minerals/cobalt", kMine).bottleneck);
  EXPECT_TRUE(At(*model, "minerals/cobalt", kRefine).bottleneck);
  EXPECT_EQ(At(*model, "minerals/cobalt", kRefine).known_stages, 2);
  EXPECT_EQ(At(*model, "minerals/cobalt", kRefine).top_country, "CN");
  EXPECT_EQ(At(*model, "minerals/cobalt", kRefine).band, Band::kSevere);
}

TEST_F(ModelTest, NeverSumsDatasetsAndPrefersTheTrustedOne) {
  Changes changes;
  Produce(changes, "minerals/tin", kMine, "CN", Tonnes(10), "eu-crm-2020");
  Produce(changes, "minerals/tin", kMine, "ID", Tonnes(10), "usgs-mcs-2026", 2023);
  Produce(changes, "minerals/tin", kMine, "ID", Tonnes(30), "usgs-mcs-2026", 2024);
  Produce(changes, "minerals/tin", kMine, "PE", Tonnes(10), "usgs-mcs-2026", 2024);
  const Score score = At(*Empty()->Apply(changes, 1), "minerals/tin", kMine);
  EXPECT_DOUBLE_EQ(*score.estimate.value, 6250);
  EXPECT_EQ(score.reference_year, 2024);
}

TEST_F(ModelTest, ReadsTheNextEditionOfASource) {
  Changes changes;
  Produce(changes, "minerals/tin", kMine, "ID", Tonnes(10));
  const auto first = Empty()->Apply(changes, 1);
  Changes next;
  Produce(next, "minerals/tin", kMine, "ID", Tonnes(5), "usgs-mcs-2027", 2025);
  Produce(next, "minerals/tin", kMine, "CN", Tonnes(5), "usgs-mcs-2027", 2025);
  const auto second = first->Apply(next, 2);
  const Score& score = At(*second, "minerals/tin", kMine);
  EXPECT_DOUBLE_EQ(*score.estimate.value, 5000);
  EXPECT_EQ(score.reference_year, 2025);
  EXPECT_THAT(score.estimate.reasons, IsEmpty());
}

TEST_F(ModelTest, SaysWhichDatasetHasNewerFiguresThanTheOneItReads) {
  Changes changes;
  Produce(changes, "minerals/tin", kMine, "ID", Tonnes(10));
  Produce(changes, "minerals/tin", kMine, "CN", Tonnes(10), "my-own", 2024);
  EXPECT_THAT(At(*Empty()->Apply(changes, 1), "minerals/tin", kMine).estimate.reasons, IsEmpty());
  Produce(changes, "minerals/tin", kMine, "CN", Tonnes(10), "my-own", 2025);
  const auto read = [&](const Parameters& parameters) {
    return At(*Model(parameters).Apply(changes, 1), "minerals/tin", kMine);
  };
  EXPECT_EQ(read({}).top_country, "ID");
  EXPECT_THAT(read({}).estimate.reasons, ElementsAre("NEWER_DATASET_UNUSED:my-own"));
  Parameters own_first;
  own_first.datasets = {"my-own", "usgs-mcs-*"};
  EXPECT_EQ(read(own_first).top_country, "CN");
  EXPECT_THAT(read(own_first).estimate.reasons, IsEmpty());
}

TEST_F(ModelTest, KeepsAWithheldFigureVisible) {
  Changes changes;
  Produce(changes, "minerals/lithium", kMine, "AU", Tonnes(1));
  Produce(changes, "minerals/lithium", kMine, "US", Tonnes(std::nullopt, true));
  const Score score = At(*Empty()->Apply(changes, 1), "minerals/lithium", kMine);
  EXPECT_THAT(score.estimate.reasons, ElementsAre("WITHHELD:US"));
  EXPECT_EQ(score.band, Band::kUnspecified);
}

TEST_F(ModelTest, ComputesOnlyWhatAChangeReaches) {
  Changes changes;
  for (const char* mineral : {"minerals/a", "minerals/b", "minerals/c"}) {
    Produce(changes, mineral, kMine, "AU", Tonnes(1));
    Produce(changes, mineral, kMine, "CN", Tonnes(1));
  }
  const auto first = Empty()->Apply(changes, 1);
  EXPECT_EQ(first->computed_series(), 3);
  Changes one;
  Produce(one, "minerals/b", kMine, "AU", Tonnes(3));
  const auto second = first->Apply(one, 2);
  EXPECT_EQ(second->computed_series(), 1);
  EXPECT_EQ(At(*second, "minerals/a", kMine).changed_revision, 1);
  EXPECT_EQ(At(*second, "minerals/b", kMine).changed_revision, 2);
  EXPECT_EQ(&At(*first, "minerals/c", kMine), &At(*second, "minerals/c", kMine));
  EXPECT_DOUBLE_EQ(*At(*first, "minerals/b", kMine).estimate.value, 5000);
}

TEST_F(ModelTest, RemovesTheScoresOfASeriesThatIsGone) {
  Changes changes;
  Produce(changes, "minerals/a", kMine, "AU", Tonnes(1));
  const auto first = Empty()->Apply(changes, 1);
  Changes gone;
  Produce(gone, "minerals/a", kMine, "AU", std::nullopt);
  const auto second = first->Apply(gone, 2);
  EXPECT_THAT(second->scores(), IsEmpty());
  EXPECT_EQ(second->removed().at({"minerals/a", kMine, "", Method::kHhi}), 2);
}

TEST_F(ModelTest, KnowsWhyAScoreChangedOnlySinceItsFirstRevision) {
  Changes changes;
  Produce(changes, "minerals/a", kMine, "AU", Tonnes(1));
  const auto first = Empty()->Apply(changes, 7);
  EXPECT_EQ(first->first_revision(), 7);
  EXPECT_EQ(At(*first, "minerals/a", kMine).changed_revision, 7);
  EXPECT_EQ(At(*first, "minerals/a", kMine).change_cause, ChangeCause::kUnknown);
  Changes more;
  Produce(more, "minerals/b", kMine, "AU", Tonnes(1));
  const auto second = first->Apply(more, 8);
  EXPECT_EQ(second->first_revision(), 7);
  EXPECT_EQ(At(*second, "minerals/a", kMine).change_cause, ChangeCause::kUnknown);
  EXPECT_EQ(At(*second, "minerals/b", kMine).change_cause, ChangeCause::kReal);
}

TEST_F(ModelTest, ScoresSupplyRiskForABlocWithoutItsInnerTrade) {
  Changes changes;
  Produce(changes, "minerals/a", kMine, "CN", Tonnes(100));
  changes.blocs["blocs/EU"] =
      std::vector<Membership>{{"DE", "1958-01-01", ""}, {"FR", "1958-01-01", ""}, {"GB", "1973-01-01", "2020-01-31"}};
  const auto trade = [&](const std::string& exporter, const std::string& importer, double tonnes) {
    changes.trade[{{"minerals/a", kMine}, {"cepii", "ore", "260500", 2, "", 2024, importer, exporter}}] =
        Tonnes(tonnes);
  };
  trade("CN", "DE", 60);
  trade("GB", "FR", 40);
  trade("FR", "DE", 1000);
  changes.governance[{"CN", 2023, "wgi"}] = GovernanceFact{{0, 0, 0, 0, 0, 0}, {}};
  changes.governance[{"GB", 2023, "wgi"}] = GovernanceFact{{2.5, 2.5, 2.5, 2.5, 2.5, 2.5}, {}};
  changes.indicators[{"minerals/a", Indicator::kRecycling, 2020, "JP", "eu"}] = IndicatorFact{0.1, {}};
  const auto model = Empty()->Apply(changes, 1);
  const Score& score = At(*model, "minerals/a", kMine, Method::kEuSupplyRisk2017, "blocs/EU");
  // GS = 1 * 5; sourcing = .36 * 5; IR = 1; (2.5 + .9) * .9.
  EXPECT_NEAR(*score.estimate.value, 3.06, 1e-12);
  EXPECT_THAT(score.hs6, ElementsAre("260500"));
  EXPECT_THAT(score.estimate.reasons, Contains("RECYCLING_REGION:JP"));
  EXPECT_EQ(model->scores().count({"minerals/a", kMine, "countries/JP", Method::kEuSupplyRisk2017}), 0U);
  EXPECT_DOUBLE_EQ(*At(*model, "countries/CN", 0, Method::kCountryGovernance).estimate.value, 5);
}

// Applying history change by change gives the bits that its outcome gives at once.
TEST_F(ModelTest, IncrementalEqualsFromScratch) {
  std::mt19937 random(3);
  const std::vector<std::string> countries = {"AU", "CN", "CD", "CL", "US", "ZZ"};
  Changes all;
  std::shared_ptr<const Model> incremental = Empty();
  const auto pick = [&](size_t n) { return random() % n; };
  for (int revision = 1; revision <= 900; ++revision) {
    Changes step;
    // Lithium has main forms, of which any stage may lack one.
    const std::string mineral = pick(4) == 0 ? "minerals/lithium" : absl::StrCat("minerals/m", pick(3));
    const int year = pick(4) == 0 ? 2025 : 2024;
    const auto stage = static_cast<StageNumber>(1 + pick(3));
    const std::string& country = countries[pick(countries.size())];
    const auto figure =
        pick(5) == 0 ? std::nullopt : std::optional<Figure>(Tonnes(static_cast<double>(pick(1000)) / 7));
    switch (pick(10)) {
      case 0:
        step.governance[{country, 2023, "wgi"}] =
            GovernanceFact{{0.1, -0.2, static_cast<double>(pick(20)) / 10, 0, 1, -1}, {}};
        break;
      case 1:
        step.trade[{{mineral, stage},
                    {pick(3) == 0 ? "own" : "cepii-baci-2024", "", pick(2) == 0 ? "282520" : "283691", 2, "", year,
                     pick(2) == 0 ? "JP" : "DE", country}}] = figure;
        break;
      case 2:
        step.restrictions[absl::StrCat("measures/", pick(3))] = BanBy(country, mineral, pick(300));
        break;
      case 3:
        step.today = absl::StrCat("2024-", 100 + revision / 3);
        break;
      case 4:
        step.indicators[{mineral, Indicator::kRecycling, 2020, "EU", "d"}] =
            IndicatorFact{static_cast<double>(pick(10)) / 10, {}};
        break;
      case 5:
        step.agreements[absl::StrCat("agreements/", pick(2))] =
            TradeAgreement{{country, "JP"}, {}, absl::StrCat("2024-", 100 + pick(300)), "", {"a treaty", "", ""}};
        break;
      case 6:
        step.blocs["blocs/EU"] = std::vector<Membership>{{"DE", "1958", ""}, {country, "1990", ""}};
        break;
      case 7:
        step.reserves[{mineral, "usgs-mcs-2026", "", 2, "", year, country}] = figure;
        break;
      case 8:
        step.stockpiles[absl::StrCat("stockpiles/", pick(4))] =
            StockpileFact{"JP", {mineral}, static_cast<double>(pick(200)), std::nullopt, "use", {"", "2024", ""}};
        break;
      default:
        step.production[{
            {mineral, stage},
            {pick(5) == 0 ? "own" : absl::StrCat("usgs-mcs-202", 6 + pick(2)), "", 2, "", year, country}}] = figure;
    }
    incremental = incremental->Apply(step, revision);
    for (const auto& [key, value] : step.production) all.production[key] = value;
    for (const auto& [key, value] : step.trade) all.trade[key] = value;
    for (const auto& [key, value] : step.governance) all.governance[key] = value;
    for (const auto& [key, value] : step.restrictions) all.restrictions[key] = value;
    for (const auto& [key, value] : step.agreements) all.agreements[key] = value;
    for (const auto& [key, value] : step.indicators) all.indicators[key] = value;
    for (const auto& [key, value] : step.reserves) all.reserves[key] = value;
    for (const auto& [key, value] : step.stockpiles) all.stockpiles[key] = value;
    for (const auto& [key, value] : step.blocs) all.blocs[key] = value;
    if (step.today.has_value()) all.today = step.today;
  }
  const auto scratch = Empty()->Apply(all, 900);
  ASSERT_EQ(incremental->scores().size(), scratch->scores().size());
  for (const auto& [key, score] : scratch->scores()) {
    EXPECT_TRUE(SameContent(*score, *incremental->scores().at(key))) << key.subject << " " << key.stage;
  }
}

}  // namespace
}  // namespace orewatch::risk
