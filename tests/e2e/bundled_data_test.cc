// The bundled data as a user meets it: imported whole, scored right, and as large as docs/data.md says.
#include <map>
#include <set>

#include "gmock/gmock.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class BundledDataTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    suite_ = new EmbeddedSuite;
    suite_->ImportBundledData();
  }
  static void TearDownTestSuite() { delete suite_; }

  static risk::v1::Score ScoreOf(const std::string& mineral, type::v1::Stage stage) {
    risk::v1::GetScoreRequest request;
    *request.mutable_key() = MineHhi(mineral);
    request.mutable_key()->set_stage(stage);
    request.set_min_revision(Call(suite_->registry, &RegistryStub::GetHead, {})->revision().number());
    const auto score = Call(suite_->risk, &RiskStub::GetScore, request);
    EXPECT_TRUE(score.ok()) << score.status();
    return score.value_or(risk::v1::Score());
  }
  template <typename Request, typename Response>
  static int Count(grpc::Status (RegistryStub::*method)(grpc::ClientContext*, const Request&, Response*),
                   Request request, int (Response::*size)() const) {
    int count = 0;
    ListAll(suite_->registry, method, request, [&](const Response& page) { count += (page.*size)(); });
    return count;
  }
  static std::vector<registry::v1::Statistic> Statistics(registry::v1::StatisticKind kind) {
    std::vector<registry::v1::Statistic> statistics;
    registry::v1::ListStatisticsRequest request;
    request.set_kind(kind);
    ListAll(suite_->registry, &RegistryStub::ListStatistics, request, [&](const auto& page) {
      statistics.insert(statistics.end(), page.statistics().begin(), page.statistics().end());
    });
    return statistics;
  }

  static EmbeddedSuite* suite_;
};

EmbeddedSuite* BundledDataTest::suite_ = nullptr;

TEST_F(BundledDataTest, GivesThePublishedConcentrationOf2024) {
  // From the figures of USGS MCS 2026 and, for refined copper, likewise; published shares are rounded.
  constexpr double kTolerance = 5;
  const struct {
    const char* mineral;
    type::v1::Stage stage;
    double hhi;
  } kPublished[] = {
      {"cobalt", type::v1::STAGE_MINE, 5766},      {"lithium", type::v1::STAGE_MINE, 2346},
      {"graphite", type::v1::STAGE_MINE, 6765},    {"tungsten", type::v1::STAGE_MINE, 6777},
      {"copper", type::v1::STAGE_MINE, 1062},      {"nickel", type::v1::STAGE_MINE, 4048},
      {"rare-earths", type::v1::STAGE_MINE, 5192}, {"copper", type::v1::STAGE_REFINE, 2240},
      {"gallium", type::v1::STAGE_PROCESS, 9789},
  };
  for (const auto& published : kPublished) {
    const risk::v1::Score score = ScoreOf(published.mineral, published.stage);
    EXPECT_NEAR(score.value(), published.hhi, kTolerance) << published.mineral;
    EXPECT_EQ(score.reference_year(), 2024) << published.mineral;
    EXPECT_LE(score.bounds().lower(), score.value());
  }
  EXPECT_GT(ScoreOf("nickel", type::v1::STAGE_MINE).bounds().upper(), 4100) << "other countries could be one";
}

TEST_F(BundledDataTest, TheBottleneckOfMidstreamMineralsIsTheirProcessingInChina) {
  const struct {
    const char* mineral;
    type::v1::Stage stage;
    int known_stages;
  } kMidstream[] = {{"rare-earths", type::v1::STAGE_REFINE, 2},
                    {"gallium", type::v1::STAGE_PROCESS, 1},
                    {"graphite", type::v1::STAGE_PROCESS, 2}};
  for (const auto& expected : kMidstream) {
    const risk::v1::Score score = ScoreOf(expected.mineral, expected.stage);
    EXPECT_TRUE(score.bottleneck()) << expected.mineral;
    EXPECT_EQ(score.top_country(), "CN") << expected.mineral;
    EXPECT_EQ(score.known_stages(), expected.known_stages) << expected.mineral;
  }
}

TEST_F(BundledDataTest, SaysThatLithiumIsIncompleteSinceTheUnitedStatesWithholdTheirOutput) {
  const risk::v1::Score lithium = ScoreOf("lithium", type::v1::STAGE_MINE);
  EXPECT_EQ(lithium.completeness().state(), type::v1::Completeness::STATE_INCOMPLETE);
  EXPECT_THAT(lithium.completeness().reasons(), Contains("WITHHELD:US"));
  EXPECT_FALSE(lithium.bounds().has_upper());
}

TEST_F(BundledDataTest, HoldsEnoughSeriesOnEveryStage) {
  std::set<std::pair<std::string, int>> series;
  int past_the_mine = 0;
  for (const auto& statistic : Statistics(registry::v1::STATISTIC_KIND_PRODUCTION)) {
    const auto& production = statistic.production();
    if (series.emplace(production.mineral(), production.stage()).second && production.stage() != type::v1::STAGE_MINE) {
      ++past_the_mine;
    }
  }
  EXPECT_GE(series.size(), 45u);
  EXPECT_GE(past_the_mine, 18);
}

TEST_F(BundledDataTest, HoldsEnoughResources) {
  using registry::v1::ListFacilitiesRequest;
  EXPECT_GE(Count(&RegistryStub::ListSuppliers, {}, &registry::v1::ListSuppliersResponse::suppliers_size), 40);
  EXPECT_GE(Count(&RegistryStub::ListLinks, {}, &registry::v1::ListLinksResponse::links_size), 40);
  EXPECT_GE(Count(&RegistryStub::ListProjects, {}, &registry::v1::ListProjectsResponse::projects_size), 25);
  EXPECT_GE(Count(&RegistryStub::ListAgreements, {}, &registry::v1::ListAgreementsResponse::agreements_size), 15);
  EXPECT_GE(Count(&RegistryStub::ListMeasures, {}, &registry::v1::ListMeasuresResponse::measures_size), 20);
  ListFacilitiesRequest facilities;
  facilities.set_parent("suppliers/-");
  EXPECT_GE(Count(&RegistryStub::ListFacilities, facilities, &registry::v1::ListFacilitiesResponse::facilities_size),
            40);
}

TEST_F(BundledDataTest, NamesTheSourceOfEveryFigureAndNoneThatForbidsIt) {
  for (const auto kind : {registry::v1::STATISTIC_KIND_PRODUCTION, registry::v1::STATISTIC_KIND_TRADE,
                          registry::v1::STATISTIC_KIND_GOVERNANCE, registry::v1::STATISTIC_KIND_INDICATOR}) {
    for (const auto& statistic : Statistics(kind)) {
      ASSERT_NE(statistic.provenance().source(), "");
      ASSERT_NE(statistic.provenance().licence(), "");
      for (const char* restricted : {"BGS", "British Geological", "World Mining Data", "WMD"}) {
        ASSERT_THAT(statistic.provenance().source(), ::testing::Not(HasSubstr(restricted)));
      }
    }
  }
}

TEST_F(BundledDataTest, NamesThePartnersOfAtLeast95PercentOfEachImportersFlow) {
  const std::set<std::string> importers = {"JP", "KR", "US", "AU", "DE", "FR", "IT", "NL", "BE", "ES"};
  std::map<std::pair<std::string, std::string>, double> whole;
  std::map<std::pair<std::string, std::string>, double> others;
  for (const auto& statistic : Statistics(registry::v1::STATISTIC_KIND_TRADE)) {
    const auto& trade = statistic.trade();
    if (importers.contains(trade.importer())) {
      whole[{trade.importer(), trade.hs6()}] += statistic.quantity().tonnes();
      others[{trade.importer(), trade.hs6()}] += trade.exporter() == "ZZ" ? statistic.quantity().tonnes() : 0;
    }
  }
  constexpr int kMaterials = 24;
  std::map<std::string, int> codes;
  for (const auto& [flow, tonnes] : whole) {
    EXPECT_LE((others[flow]), 0.05 * tonnes) << flow.first << " " << flow.second;
    ++codes[flow.first];
  }
  EXPECT_EQ(codes.size(), importers.size());
  EXPECT_EQ(codes["JP"], kMaterials) << "Japan imports every form";
}

TEST_F(BundledDataTest, HoldsTheMeasuresAndRatesThatScoresNeed) {
  std::set<std::string> controlled;
  ListAll(suite_->registry, &RegistryStub::ListMeasures, registry::v1::ListMeasuresRequest(), [&](const auto& page) {
    for (const auto& measure : page.measures()) {
      controlled.insert(measure.mineral());
      EXPECT_NE(measure.provenance().source(), "") << measure.name();
    }
  });
  for (const char* mineral : {"gallium", "germanium", "graphite", "antimony", "rare-earths", "nickel", "cobalt"}) {
    EXPECT_TRUE(controlled.contains(absl::StrCat("minerals/", mineral))) << mineral;
  }
  int rates = 0;
  for (const auto& statistic : Statistics(registry::v1::STATISTIC_KIND_INDICATOR)) {
    if (statistic.indicator().indicator() == "eol-recycling-input-rate") {
      ++rates;
      EXPECT_EQ(statistic.indicator().region(), "EU");
      EXPECT_GT(statistic.year(), 0);
    }
  }
  EXPECT_GE(rates, 24);
  int targets = 0;
  ListAll(suite_->registry, &RegistryStub::ListStockpiles, registry::v1::ListStockpilesRequest(),
          [&](const auto& page) {
            for (const auto& stockpile : page.stockpiles()) {
              // Days of whose use: where the source does not say, the row does not either.
              targets += stockpile.has_target_days() && !stockpile.denominator().empty();
            }
          });
  EXPECT_GE(targets, 4);
}

TEST_F(BundledDataTest, AnImporterIsIncompleteWhileAMainTradedFormIsMissing) {
  risk::v1::GetScoreRequest request;
  *request.mutable_key() = MineHhi("lithium");
  request.mutable_key()->set_stage(type::v1::STAGE_REFINE);
  request.mutable_key()->set_method(risk::v1::METHOD_EU_SUPPLY_RISK_2017);
  request.mutable_key()->set_importer("countries/KR");
  const auto score = Call(suite_->risk, &RiskStub::GetScore, request);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_THAT(score->hs6(), Contains("283691"));
  EXPECT_THAT(score->completeness().reasons(), Contains("MAIN_FORM_MISSING:282520"));
}

}  // namespace
}  // namespace orewatch::testing
