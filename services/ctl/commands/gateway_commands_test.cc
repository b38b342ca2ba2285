#include "gmock/gmock.h"
#include "services/ctl/commands/commands_fixture.h"

namespace orewatch::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(CommandsTest, ABriefOfACountrySaysWhatTheWorldTakesFromIt) {
  EXPECT_EQ(Ctl({"brief", "CL"}), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("countries/CL"), HasSubstr("23.4%"), HasSubstr("withheld")));
  EXPECT_EQ(Ctl({"brief", "countries/CL", "-o", "csv"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("minerals/copper,mine,23.4%"));
}

TEST_F(CommandsTest, ABriefThatIsNotWholeIsToldByTheExitCode) {
  EXPECT_EQ(Ctl({"brief", "suppliers/a"}), kExitPartial);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("suppliers/a/facilities/mine"), HasSubstr("! facilities is STALE: gone"),
                                HasSubstr("! alerts is UNAVAILABLE: slow"), Not(HasSubstr("No open alerts"))));
  EXPECT_THAT(err_.str(), HasSubstr("not all of the answer came: facilities, alerts"));
}

TEST_F(CommandsTest, ABriefOfAProjectNamesItsAgreements) {
  EXPECT_EQ(Ctl({"brief", "projects/p"}), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("projects/p"), HasSubstr("agreements/a")));
}

TEST_F(CommandsTest, ThereAreNoBriefsOfOtherThings) {
  EXPECT_EQ(Ctl({"brief", "measures/m"}), kExitUsage);
  EXPECT_EQ(Ctl({"brief", "countries/CL", "--importer=EU"}), kExitUsage);
}

TEST_F(CommandsTest, ASearchShowsAllKindsPageAfterPage) {
  EXPECT_EQ(Ctl({"search", "zinc"}), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("minerals/zinc"), HasSubstr("Zinc is concentrated")));
  EXPECT_EQ(Ctl({"search", "zinc", "--limit=1"}), kExitDone);
  EXPECT_THAT(out_.str(), Not(HasSubstr("alerts/1")));
}

TEST_F(CommandsTest, AFeedShowsAllKindsAndSaysHowToGoOn) {
  EXPECT_EQ(Ctl({"watch", "feed", "--feed_token=t0"}), kExitFailed);
  EXPECT_EQ(gateway_.watched_after, "t0");
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("! scores do not come: gone"), HasSubstr("score  removed  hhi of zinc"),
                                HasSubstr("Zinc is concentrated")));
  EXPECT_THAT(err_.str(), HasSubstr("go on with --feed_token=t3"));
}

TEST_F(CommandsTest, ATokenThatIsNoneIsNotOfferedToGoOnWith) {
  EXPECT_NE(Ctl({"watch", "feed", "--feed_token=garbage"}), kExitDone);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("is no token of a feed"), Not(HasSubstr("go on with"))));
}

TEST_F(CommandsTest, SaysWhoTheCallerIs) {
  EXPECT_EQ(Ctl({"whoami"}), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("ann"), HasSubstr("analyst"), HasSubstr("token")));
}

}  // namespace
}  // namespace orewatch::ctl
