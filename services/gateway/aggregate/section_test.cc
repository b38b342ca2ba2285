#include "services/gateway/aggregate/section.h"

#include "common/testing/matchers.h"
#include "orewatch/risk/v1/risk.pb.h"

namespace orewatch::gateway {
namespace {

using gateway::v1::SectionStatus;
using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using risk::v1::ListScoresResponse;

Part<ListScoresResponse> Scores(const std::string& text) { return ParseProto<ListScoresResponse>(text); }

TEST(SectionTest, AStalePartSaysSinceWhenAndWhyWithItsRevision) {
  auto part = Scores("revision { lineage: 'l' number: 4 } next_page_token: 'more'");
  part.stale_because = MakeError(absl::StatusCode::kUnavailable, "CIRCUIT_OPEN", "left alone");
  part.as_of = absl::FromUnixSeconds(1000);
  const SectionStatus section = SectionOf(part);
  EXPECT_EQ(section.state(), SectionStatus::STATE_STALE);
  EXPECT_EQ(section.revision().number(), 4);
  EXPECT_EQ(section.code(), static_cast<int>(absl::StatusCode::kUnavailable));
  EXPECT_EQ(section.reason(), "CIRCUIT_OPEN");
  EXPECT_EQ(section.as_of_time().seconds(), 1000);
}

TEST(SectionTest, TwoPartsAreAsGoodAsTheWorseAndAsOldAsTheOlder) {
  const auto fresh = ParseProto<SectionStatus>("state: STATE_FRESH revision { number: 4 }");
  const auto stale = ParseProto<SectionStatus>("state: STATE_STALE revision { number: 5 } as_of_time { seconds: 9 }");
  const auto older = ParseProto<SectionStatus>("state: STATE_STALE revision { number: 6 } as_of_time { seconds: 7 }");
  EXPECT_EQ(WorseOf(fresh, stale).state(), SectionStatus::STATE_STALE);
  EXPECT_EQ(WorseOf(fresh, stale).revision().number(), 4);
  EXPECT_EQ(WorseOf(stale, older).as_of_time().seconds(), 7);
  EXPECT_EQ(WorseOf(older, stale).as_of_time().seconds(), 7);
  EXPECT_EQ(WorseOf(stale, SectionOf(absl::InternalError("garbage"))).state(), SectionStatus::STATE_UNAVAILABLE);
}

TEST(SectionTest, ARequiredSectionThatIsNotFreshFailsTheCallAndIsNamed) {
  gateway::v1::SupplierBrief brief;
  *brief.mutable_sections()->mutable_profile() = SectionOf(absl::OkStatus());
  *brief.mutable_sections()->mutable_facilities() =
      SectionOf(MakeError(absl::StatusCode::kPermissionDenied, "ROLE_MISSING", "not yours"));
  EXPECT_THAT(CheckRequired(gateway::v1::SECTION_POLICY_UNSPECIFIED, brief), IsOk());
  EXPECT_THAT(CheckRequired(gateway::v1::SECTION_POLICY_BEST_EFFORT, brief), IsOk());
  EXPECT_THAT(CheckRequired(gateway::v1::SECTION_POLICY_REQUIRED, brief),
              HasError(absl::StatusCode::kPermissionDenied, "REQUIRED_SECTION_FACILITIES"));
  *brief.mutable_sections()->mutable_facilities() = SectionOf(absl::OkStatus());
  EXPECT_THAT(CheckRequired(gateway::v1::SECTION_POLICY_REQUIRED, brief), IsOk());
}

TEST(SectionTest, WhereAllAskToSlowDownTheCallerHearsForHowLong) {
  const absl::Status busy = OverloadError("TOO_MANY", "slow down", absl::Seconds(3));
  EXPECT_EQ(NothingReached({busy, busy}), busy);
  EXPECT_THAT(NothingReached({busy, absl::UnavailableError("gone")}),
              HasError(absl::StatusCode::kUnavailable, "NO_SECTION"));
}

TEST(SectionTest, EverySectionOfAnAnswerIsFound) {
  gateway::v1::Overview overview;
  overview.mutable_registry();
  overview.mutable_risk();
  EXPECT_EQ(SectionsOf(overview).size(), 2U) << "those of the answer itself";
  gateway::v1::CountryBrief brief;
  brief.mutable_sections()->mutable_production();
  ASSERT_EQ(SectionsOf(brief).size(), 1U);
  EXPECT_EQ(SectionsOf(brief)[0].first, "production");
}

TEST(SectionTest, WhatTheRegistrySaysOfANameIsSaidOfTheName) {
  EXPECT_THAT(CheckSubject(InvalidField("names[0]", "is no name")), BlamesField("name"));
  EXPECT_THAT(CheckSubject(absl::UnavailableError("gone")), IsOk());
  EXPECT_FALSE(CheckSubject(absl::NotFoundError("none")).ok());
}

}  // namespace
}  // namespace orewatch::gateway
