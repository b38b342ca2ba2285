// What is asked of risk, and how its answers are shown.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/ctl/commands/commands_fixture.h"

namespace orewatch::ctl {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::HasSubstr;
using testing::ParseProto;
using ::testing::SizeIs;

TEST_F(CommandsTest, PartnersAsksWithWhatTheUserExcludesAndWeighs) {
  EXPECT_EQ(Ctl({"partners", "lithium", "--importer=JP", "--stage=refine", "--horizon=2030", "--exclude=CN,EU",
                 "--weight=governance=2,free-tonnes=0.5"}),
            kExitDone);
  EXPECT_EQ(risk_.last_ranking.mineral(), "minerals/lithium");
  EXPECT_EQ(risk_.last_ranking.horizon_year(), 2030);
  EXPECT_THAT(risk_.last_ranking.exclusions(), ElementsAre("countries/CN", "blocs/EU"));
  ASSERT_THAT(risk_.last_ranking.weights(), SizeIs(2));
  EXPECT_EQ(risk_.last_ranking.weights(1).factor(), risk::v1::PARTNER_FACTOR_FREE_TONNES);
  EXPECT_EQ(risk_.last_ranking.weights(1).weight(), 0.5);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("1 [1, 3]"), HasSubstr("[1, 14]"), HasSubstr("Not ranked on: free-tonnes"),
                                HasSubstr("25.0%"), HasSubstr("NO_HEADROOM_DATA")));
  EXPECT_EQ(Ctl({"partners", "lithium", "--stage=refine", "--horizon=2030"}), kExitUsage);
  EXPECT_EQ(Ctl({"partners", "lithium", "--importer=JP", "--stage=mine", "--horizon=2030", "--weight=luck=1"}),
            kExitUsage);
  EXPECT_EQ(Ctl({"partners", "lithium", "--importer=JP", "--stage=mine", "--horizon=2030", "--weight=output=much"}),
            kExitUsage);
}

TEST_F(CommandsTest, ProjectShowsWhatHangsOnIt) {
  EXPECT_EQ(Ctl({"project", "p1"}), kExitDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("projects/p1"), HasSubstr("45% [45%, 100%]"), HasSubstr("JOGMEC"),
                                HasSubstr("10.0 days of cover"), HasSubstr("1.0+")));
  EXPECT_EQ(Ctl({"project", "projects/p1", "-o", "json"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("\"behindPlanYears\""));
}

TEST_F(CommandsTest, ProjectAsksWithWhatTheUserAssumes) {
  EXPECT_EQ(Ctl({"project", "p1", "--effect=engagement=0.5,permits=-0.1*1.3", "--pass=0.5,0.7,0.8,0.9,0.95",
                 "--country_failure=0.1", "--ramp_years=3", "--seed=7", "--runs=500", "--years=20"}),
            kExitDone);
  EXPECT_THAT(risk_.last_outlook, EqualsProto(ParseProto<risk::v1::GetProjectOutlookRequest>(R"pb(
                name: "projects/p1"
                assumptions {
                  effects { name: "engagement" log_odds: 0.5 }
                  effects { name: "permits" log_odds: -0.1 duration_factor: 1.3 }
                  pass_probability: [ 0.5, 0.7, 0.8, 0.9, 0.95 ]
                  country_failure: 0.1
                  ramp_years: 3
                }
                seed: 7
                runs: 500
                horizon_years: 20)pb")));
  for (const char* bad : {"--effect=engagement", "--effect=e=1*slow", "--pass=0.5,half", "--seed=-1"}) {
    EXPECT_EQ(Ctl({"project", "p1", bad}), kExitUsage) << bad;
  }
}

TEST_F(CommandsTest, ScoreListsWhatMatchesAndAsksForAFullKey) {
  EXPECT_EQ(Ctl({"score", "zinc", "--stage", "refine"}), kExitDone);
  EXPECT_EQ(risk_.last_filter.subject(), "minerals/zinc");
  EXPECT_EQ(risk_.last_filter.stage(), type::v1::STAGE_REFINE);
  EXPECT_EQ(Ctl({"score", "zinc", "--stage=mine", "--method=eu-supply-risk-2017", "--importer=KOR"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("KR"));
  EXPECT_EQ(Ctl({"score", "zinc", "--method=all", "--importer=JP"}), kExitDone);
  // What is kept, and what can be computed at its stage.
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("hhi "), HasSubstr("eu-supply-risk-2017"), HasSubstr("orewatch-2026"),
                                HasSubstr("usgs-2020"), HasSubstr("stock-cover")));
  EXPECT_EQ(Ctl({"score", "zinc", "--stage=dig"}), kExitUsage);
}

TEST_F(CommandsTest, ASupplierHasAMethodOfItsOwn) {
  EXPECT_EQ(Ctl({"score", "suppliers/a"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("orewatch-supplier-2026"));
  EXPECT_EQ(Ctl({"explain", "suppliers/a/facilities/mine"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("orewatch-supplier-2026 of suppliers/a/facilities/mine"));
}

TEST_F(CommandsTest, ExplainBeginsWithTheBottleneck) {
  EXPECT_EQ(Ctl({"explain", "zinc"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("hhi of zinc, stage refine"));
  EXPECT_EQ(Ctl({"explain", "CN"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("country-governance of CN"));
}

TEST_F(CommandsTest, ExplainTellsWhatChangedAfterARevision) {
  EXPECT_EQ(Ctl({"explain", "zinc", "--after=7"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("Since revision 7: no change"));
}

TEST_F(CommandsTest, ScoreHistoryListsEveryPage) {
  EXPECT_EQ(Ctl({"score", "history", "zinc", "--oldest_first"}), kExitDone);
  EXPECT_EQ(risk_.last_history.key().subject(), "minerals/zinc");
  EXPECT_EQ(risk_.last_history.key().stage(), type::v1::STAGE_REFINE);
  EXPECT_EQ(risk_.last_history.key().method(), risk::v1::METHOD_HHI);
  EXPECT_TRUE(risk_.last_history.oldest_first());
  EXPECT_THAT(out_.str(), HasSubstr("22"));
  EXPECT_THAT(out_.str(), HasSubstr("11"));
  EXPECT_EQ(Ctl({"score", "history", "zinc", "--limit=1", "-o", "json"}), kExitDone);
  EXPECT_EQ(risk_.last_history.page_size(), 1);
  EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr("\"11\"")));
  EXPECT_EQ(Ctl({"score", "future", "zinc"}), kExitUsage);
}

TEST_F(CommandsTest, ScoreYearsListsEachYear) {
  EXPECT_EQ(Ctl({"score", "years", "zinc", "-o", "csv"}), kExitDone);
  EXPECT_EQ(out_.str(), "YEAR,VALUE,BAND,TOP,STATUS\n2022,2022,,,UNSET\n2023,2023,,,UNSET\n");
}

TEST_F(CommandsTest, ScoresAreDrawnIntoAFile) {
  const std::string path = WriteFile("score.svg", "");
  const auto drawn = [&] { return TextIn(path); };
  EXPECT_EQ(Ctl({"explain", "zinc", "--svg", path}), kExitDone);
  EXPECT_THAT(drawn(), HasSubstr("As it was known"));
  EXPECT_THAT(out_.str(), HasSubstr("hhi of zinc"));
  EXPECT_EQ(Ctl({"score", "history", "zinc", "--svg", path}), kExitDone);
  EXPECT_THAT(drawn(), HasSubstr("as it was known"));
  EXPECT_EQ(Ctl({"score", "years", "zinc", "--svg", path}), kExitDone);
  EXPECT_THAT(drawn(), HasSubstr("by year of the data"));
  EXPECT_EQ(Ctl({"score", "zinc", "--svg", path}), kExitUsage);
  EXPECT_EQ(Ctl({"explain", "zinc", "--svg", absl::StrCat(::testing::TempDir(), "/no/where.svg")}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("where.svg"));
}

TEST_F(CommandsTest, ExposureShowsEveryPageUpToTheTier) {
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--mineral=zinc", "--tier=1", "--by=supplier"}), kExitDone);
  EXPECT_EQ(risk_.last_exposures.mineral(), "minerals/zinc");
  EXPECT_EQ(risk_.last_exposures.group_by(), risk::v1::GROUP_BY_SUPPLIER);
  EXPECT_EQ(risk_.last_exposures.page_token(), "more");
  EXPECT_THAT(out_.str(), HasSubstr("75.0%"));
  EXPECT_THAT(out_.str(), HasSubstr("(unknown)"));
  EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr("100.0%")));
  EXPECT_THAT(out_.str(), HasSubstr("! assumed for suppliers/a, zinc: LINK_WITHOUT_SHARE\n"));
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "-o", "json"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("\"unknown\": 0.25"));
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--by=moon"}), kExitUsage);
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--tier=7"}), kExitUsage);
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--paths=all", "--lost=CN"}), kExitUsage);
}

TEST_F(CommandsTest, ExposureShowsThePathsAndTheDaysOfALoss) {
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--mineral=zinc", "--tier=2", "--paths=CN"}), kExitDone);
  EXPECT_EQ(risk_.last_paths.tier(), 2);
  EXPECT_EQ(risk_.last_paths.country(), "countries/CN");
  EXPECT_THAT(out_.str(), HasSubstr("links/1 < links/2"));
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--mineral=zinc", "--paths=all"}), kExitDone);
  EXPECT_EQ(risk_.last_paths.country(), "");
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--lost=suppliers/b/facilities/c"}), kExitDone);
  EXPECT_EQ(risk_.last_survival.lost(), "suppliers/b/facilities/c");
  EXPECT_THAT(out_.str(), HasSubstr("perhaps never"));
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--lost=CN"}), kExitDone);
  EXPECT_EQ(risk_.last_survival.lost(), "countries/CN");
}

}  // namespace
}  // namespace orewatch::ctl
