#include "services/gateway/aggregate/overview.h"

#include "common/testing/matchers.h"

namespace orewatch::gateway {
namespace {

using gateway::v1::SectionStatus;
using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::ElementsAre;

class OverviewTest : public ::testing::Test {
 protected:
  OverviewTest() {
    parts_.minerals = ParseProto<registry::v1::ListMineralsResponse>(R"pb(
      minerals { name: "minerals/cement" }
      minerals { name: "minerals/cobalt" critical_lists: "US_2025" }
      minerals { name: "minerals/gallium" critical_lists: "US_2025" }
      minerals { name: "minerals/thorium" critical_lists: "US_2025" }
      revision { lineage: "l" number: 7 })pb");
    parts_.concentration = ParseProto<risk::v1::ListScoresResponse>(R"pb(
      scores {
        key { subject: "minerals/cement" }
        value: 10000
        bottleneck: true
      }
      scores {
        key { subject: "minerals/cobalt" stage: STAGE_MINE }
        value: 5766
        bottleneck: false
      }
      scores {
        key { subject: "minerals/cobalt" stage: STAGE_REFINE }
        value: 6000
        bottleneck: true
      }
      scores {
        key { subject: "minerals/gallium" }
        value: 9789
        bottleneck: true
      }
      revision { lineage: "l" number: 7 })pb");
    parts_.supply_risk = ParseProto<risk::v1::ListScoresResponse>(R"pb(
      scores {
        key { subject: "minerals/cobalt" stage: STAGE_MINE }
        value: 2
      }
      scores {
        key { subject: "minerals/cobalt" stage: STAGE_REFINE }
        value: 3
      }
      scores { key { subject: "minerals/gallium" } })pb");
    parts_.firing = ParseProto<alerting::v1::ListAlertsResponse>(R"pb(alerts { name: "alerts/a" })pb");
  }
  static std::vector<std::string> Names(const gateway::v1::Overview& overview) {
    std::vector<std::string> names;
    for (const auto& ranked : overview.minerals()) {
      names.push_back(ranked.mineral().name());
    }
    return names;
  }
  OverviewParts parts_;
};

TEST_F(OverviewTest, RanksTheListByItsBottlenecksWithUnknownOnesLast) {
  const auto overview = MakeOverview("US_2025", 0, parts_);
  ASSERT_THAT(overview, IsOk());
  EXPECT_THAT(Names(*overview), ElementsAre("minerals/gallium", "minerals/cobalt", "minerals/thorium"));
  EXPECT_EQ(overview->minerals(1).bottleneck().key().stage(), type::v1::STAGE_REFINE);
  EXPECT_EQ(overview->minerals(1).supply_risk().value(), 3);
  EXPECT_FALSE(overview->minerals(0).supply_risk().has_value());
  EXPECT_EQ(overview->registry().revision().number(), 7);
  EXPECT_EQ(overview->risk().state(), SectionStatus::STATE_FRESH);
  EXPECT_EQ(overview->firing_alerts_size(), 1);
}

TEST_F(OverviewTest, ShowsEveryStageInTheOrderOfTheFlow) {
  parts_.concentration->mutable_scores()->SwapElements(1, 2);
  const auto overview = MakeOverview("US_2025", 0, parts_);
  ASSERT_THAT(overview, IsOk());
  ASSERT_EQ(overview->minerals(1).stages_size(), 2);
  EXPECT_EQ(overview->minerals(1).stages(0).key().stage(), type::v1::STAGE_MINE);
  EXPECT_EQ(overview->minerals(1).stages(0).value(), 5766);
  EXPECT_EQ(overview->minerals(1).stages(1).key().stage(), type::v1::STAGE_REFINE);
  EXPECT_EQ(overview->minerals(2).stages_size(), 0);
}

TEST_F(OverviewTest, KeepsTheWorstWhenLimited) {
  EXPECT_THAT(Names(*MakeOverview("US_2025", 1, parts_)), ElementsAre("minerals/gallium"));
}

TEST_F(OverviewTest, MarksEachPartThatDidNotCome) {
  parts_.concentration = absl::DeadlineExceededError("slow");
  parts_.firing = absl::PermissionDeniedError("no");
  const auto overview = MakeOverview("US_2025", 0, parts_);
  ASSERT_THAT(overview, IsOk());
  EXPECT_EQ(overview->minerals_size(), 3);
  EXPECT_EQ(overview->risk().state(), SectionStatus::STATE_UNAVAILABLE);
  EXPECT_EQ(overview->risk().code(), static_cast<int>(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(overview->alerting().state(), SectionStatus::STATE_DENIED);
}

TEST_F(OverviewTest, LeavesOutWhatIsOfAnotherHistoryThanTheRegistrys) {
  parts_.concentration->mutable_revision()->set_lineage("lost");
  parts_.firing->mutable_revision()->set_lineage("l");
  auto overview = MakeOverview("US_2025", 0, parts_);
  ASSERT_THAT(overview, IsOk());
  EXPECT_EQ(overview->risk().state(), SectionStatus::STATE_UNAVAILABLE);
  EXPECT_FALSE(overview->risk().has_revision());
  EXPECT_EQ(overview->minerals(0).stages_size(), 0);
  EXPECT_EQ(overview->alerting().state(), SectionStatus::STATE_FRESH);
  // Without the registry the scores say which history it is.
  parts_.minerals = absl::UnavailableError("gone");
  overview = MakeOverview("US_2025", 0, parts_);
  ASSERT_THAT(overview, IsOk());
  EXPECT_EQ(overview->risk().state(), SectionStatus::STATE_FRESH);
  EXPECT_EQ(overview->alerting().state(), SectionStatus::STATE_UNAVAILABLE);
}

TEST_F(OverviewTest, SaysTheRevisionThatAllScoresReflectOrALaterOne) {
  for (const auto& [of_concentration, of_supply_risk] : std::vector<std::pair<int64_t, int64_t>>{{6, 7}, {7, 6}}) {
    parts_.concentration->mutable_revision()->set_number(of_concentration);
    *parts_.supply_risk->mutable_revision() = parts_.concentration->revision();
    parts_.supply_risk->mutable_revision()->set_number(of_supply_risk);
    EXPECT_EQ(MakeOverview("US_2025", 0, parts_)->risk().revision().number(), 6);
  }
}

TEST_F(OverviewTest, AListThatWasCutOffIsIncomplete) {
  parts_.minerals->set_next_page_token("more");
  parts_.concentration->set_next_page_token("more");
  const auto overview = MakeOverview("US_2025", 0, parts_);
  ASSERT_THAT(overview, IsOk());
  EXPECT_EQ(overview->registry().state(), SectionStatus::STATE_INCOMPLETE);
  EXPECT_EQ(overview->registry().revision().number(), 7);
  EXPECT_EQ(overview->risk().state(), SectionStatus::STATE_INCOMPLETE);
  EXPECT_EQ(overview->alerting().state(), SectionStatus::STATE_FRESH);
}

TEST_F(OverviewTest, AnImporterThatNobodyKnowsIsNotFound) {
  parts_.importer.found = absl::NotFoundError("there is no countries/QQ");
  EXPECT_THAT(MakeOverview("US_2025", 0, parts_), HasError(absl::StatusCode::kNotFound, "IMPORTER_NOT_FOUND"));
  parts_.importer.found = absl::UnavailableError("gone");
  EXPECT_THAT(MakeOverview("US_2025", 0, parts_), IsOk());
}

TEST_F(OverviewTest, AnImporterWhoseScoresAreNotKeptMakesAnIncompleteSection) {
  parts_.importer.name = "countries/CH";
  EXPECT_EQ(MakeOverview("US_2025", 0, parts_)->risk().state(), SectionStatus::STATE_FRESH);
  parts_.supply_risk->clear_scores();
  const auto overview = MakeOverview("US_2025", 0, parts_);
  ASSERT_THAT(overview, IsOk());
  EXPECT_EQ(overview->risk().state(), SectionStatus::STATE_INCOMPLETE);
  EXPECT_THAT(overview->risk().error(), ::testing::HasSubstr("countries/CH"));
}

TEST_F(OverviewTest, RanksScoresAloneWithoutTheRegistry) {
  parts_.minerals = absl::UnavailableError("gone");
  EXPECT_THAT(Names(*MakeOverview("US_2025", 0, parts_)),
              ElementsAre("minerals/cement", "minerals/gallium", "minerals/cobalt"));
}

TEST_F(OverviewTest, RefusesAnUnknownListAndAnEmptyHouse) {
  EXPECT_THAT(MakeOverview("MARS_2030", 0, parts_), BlamesField("critical_list"));
  EXPECT_THAT(MakeOverview("US_2025", 0, {}), HasCode(absl::StatusCode::kUnavailable));
  parts_.minerals = absl::OutOfRangeError("there is no such revision");
  EXPECT_THAT(MakeOverview("US_2025", 0, parts_), HasCode(absl::StatusCode::kOutOfRange));
}

}  // namespace
}  // namespace orewatch::gateway
