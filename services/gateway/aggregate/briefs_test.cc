#include "services/gateway/aggregate/briefs.h"

#include "common/testing/matchers.h"

namespace orewatch::gateway {
namespace {

using gateway::v1::SectionStatus;
using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;

SubjectParts Common(const std::string& entry) {
  SubjectParts parts;
  parts.subject =
      ParseProto<registry::v1::BatchGetResponse>("entries { " + entry + " } revision { lineage: 'l' number: 7 }");
  parts.alerts =
      ParseProto<alerting::v1::ListAlertsResponse>("alerts { name: 'alerts/a' } revision { lineage: 'l' number: 7 }");
  parts.changes = ParseProto<registry::v1::ListChangesResponse>(
      "change_sets { request_id: 'r' } next_page_token: 'older' revision { lineage: 'l' number: 7 }");
  return parts;
}

SupplierBriefParts Supplier() {
  SupplierBriefParts parts;
  parts.common = Common("supplier { name: 'suppliers/a' }");
  parts.facilities = ParseProto<registry::v1::ListFacilitiesResponse>(
      "facilities { name: 'suppliers/a/facilities/b' } revision { lineage: 'l' number: 7 }");
  parts.score = ParseProto<risk::v1::ScoreExplanation>(
      "score { value: 40 revision { lineage: 'l' number: 6 } } inputs { role: 'governance' }");
  parts.exposures = ParseProto<risk::v1::ListExposuresResponse>(
      "exposures { name: 'suppliers/a' } revision { lineage: 'l' number: 6 }");
  return parts;
}

TEST(BriefsTest, ASupplierComesWithAllThatIsKnown) {
  const auto brief = MakeSupplierBrief(Supplier());
  ASSERT_THAT(brief, IsOk());
  EXPECT_EQ(brief->supplier().name(), "suppliers/a");
  EXPECT_EQ(brief->facilities_size(), 1);
  EXPECT_EQ(brief->score().inputs_size(), 1);
  EXPECT_EQ(brief->exposures_size(), 1);
  EXPECT_EQ(brief->alerts_size(), 1);
  EXPECT_EQ(brief->changes_size(), 1);
  EXPECT_EQ(brief->sections().score().revision().number(), 6);
  EXPECT_EQ(brief->sections().changes().state(), SectionStatus::STATE_FRESH) << "the newest are all that it shows";
}

TEST(BriefsTest, EachPartThatDidNotComeIsMarkedAndTheOthersStay) {
  SupplierBriefParts parts = Supplier();
  parts.score = absl::DeadlineExceededError("slow");
  parts.common.alerts = absl::PermissionDeniedError("no");
  const auto brief = MakeSupplierBrief(std::move(parts));
  ASSERT_THAT(brief, IsOk());
  EXPECT_EQ(brief->sections().score().state(), SectionStatus::STATE_UNAVAILABLE);
  EXPECT_FALSE(brief->has_score());
  EXPECT_EQ(brief->sections().alerts().state(), SectionStatus::STATE_DENIED);
  EXPECT_EQ(brief->sections().exposure().state(), SectionStatus::STATE_FRESH);
}

TEST(BriefsTest, APartOfAnotherHistoryIsLeftOut) {
  SupplierBriefParts parts = Supplier();
  parts.exposures->mutable_revision()->set_lineage("lost");
  const auto brief = MakeSupplierBrief(std::move(parts));
  ASSERT_THAT(brief, IsOk());
  EXPECT_EQ(brief->exposures_size(), 0);
  EXPECT_EQ(brief->sections().exposure().reason(), "LINEAGE_CHANGED");
}

TEST(BriefsTest, ProductionWithoutAFigureForEachScoreIsMarked) {
  CountryBriefParts parts;
  parts.common = Common("country { name: 'countries/CL' }");
  parts.production = ParseProto<risk::v1::ListScoresResponse>(
      "scores { key { subject: 'minerals/a' } } scores { key { subject: 'minerals/b' } } produced { value: 0.5 }");
  const auto brief = MakeCountryBrief(std::move(parts));
  ASSERT_THAT(brief, IsOk());
  EXPECT_EQ(brief->production_size(), 1);
  EXPECT_EQ(brief->sections().production().state(), SectionStatus::STATE_INCOMPLETE);
}

TEST(BriefsTest, WhatTheRegistryDoesNotKnowIsNotFoundAndNobodyThereIsUnavailable) {
  SupplierBriefParts parts = Supplier();
  parts.common.subject = absl::NotFoundError("none");
  EXPECT_THAT(MakeSupplierBrief(std::move(parts)), HasCode(absl::StatusCode::kNotFound));
  parts = Supplier();
  parts.common.subject = InvalidField("names[0]", "is no name");
  EXPECT_THAT(MakeSupplierBrief(std::move(parts)), BlamesField("name"));
  EXPECT_THAT(MakeSupplierBrief(SupplierBriefParts()), HasError(absl::StatusCode::kUnavailable, "NO_SECTION"));
}

CountryBriefParts Country() {
  CountryBriefParts parts;
  parts.common = Common("country { name: 'countries/CL' }");
  parts.production = ParseProto<risk::v1::ListScoresResponse>(R"pb(
    scores {
      key { subject: "minerals/copper" stage: STAGE_MINE }
      value: 1200
    }
    produced {
      role: "production"
      value: 0.23
      year: 2024
      dataset: "usgs"
      quantity { tonnes: 5 basis: BASIS_CONTAINED }
    }
    scores { key { subject: "minerals/rhenium" stage: STAGE_MINE } }
    produced {
      role: "production"
      year: 2023
      dataset: "iea"
      quantity { withheld: true }
    }
    scores {
      key { subject: "minerals/lithium" stage: STAGE_MINE }
      value: 3000
    }
    produced {
      role: "production"
      value: 0.3
      year: 2024
      dataset: "usgs"
      quantity { share: 0.3 }
    }
    revision { lineage: "l" number: 7 })pb");
  return parts;
}

TEST(BriefsTest, SharesOfProductionStandApartAndWithheldIsNotZero) {
  const auto brief = MakeCountryBrief(Country());
  ASSERT_THAT(brief, IsOk());
  ASSERT_EQ(brief->production_size(), 3);
  EXPECT_EQ(brief->production(0).mineral(), "minerals/lithium");
  EXPECT_EQ(brief->production(1).share(), 0.23);
  EXPECT_EQ(brief->production(1).dataset(), "usgs");
  EXPECT_EQ(brief->production(1).quantity().basis(), type::v1::BASIS_CONTAINED);
  EXPECT_EQ(brief->production(1).hhi(), 1200);
  EXPECT_FALSE(brief->production(2).has_share());
  EXPECT_TRUE(brief->production(2).quantity().withheld());
  EXPECT_EQ(brief->sections().measures().state(), SectionStatus::STATE_UNAVAILABLE) << "it was not asked for";
}

ProjectBriefParts Project() {
  ProjectBriefParts parts;
  parts.common = Common(R"(project { name: 'projects/p' country: 'countries/CL' mineral: 'minerals/lithium'
                             sponsors { supplier: 'suppliers/a' } sponsors { display_name: 'somebody' }
                             partners { supplier: 'suppliers/b' } })");
  parts.agreements = ParseProto<registry::v1::ListAgreementsResponse>(R"pb(
    agreements { name: "agreements/all" }
    agreements { name: "agreements/copper" minerals: "minerals/copper" }
    agreements { name: "agreements/lithium" minerals: "minerals/lithium" }
    revision { lineage: "l" number: 7 })pb");
  parts.links = ParseProto<registry::v1::ListLinksResponse>("revision { lineage: 'l' number: 7 }");
  return parts;
}

TEST(BriefsTest, AgreementsLimitedToOtherMineralsDoNotConcernAProject) {
  const auto brief = MakeProjectBrief(Project());
  ASSERT_THAT(brief, IsOk());
  ASSERT_EQ(brief->agreements_size(), 2);
  EXPECT_EQ(brief->agreements(0).name(), "agreements/all");
  EXPECT_EQ(brief->agreements(1).name(), "agreements/lithium");
}

TEST(BriefsTest, LinksAreLookedForOfCompaniesThatTheRegistryHoldsUpToABound) {
  ProjectBriefParts parts = Project();
  registry::v1::Project& project = *parts.common.subject->mutable_entries(0)->mutable_project();
  EXPECT_THAT(CompaniesOf(project).names, ::testing::ElementsAre("suppliers/a", "suppliers/b"));
  for (int i = 0; i < 20; ++i) {
    project.add_partners()->set_supplier("suppliers/x");
  }
  EXPECT_EQ(CompaniesOf(project).names.size(), 20U);
  const auto brief = MakeProjectBrief(std::move(parts));
  ASSERT_THAT(brief, IsOk());
  EXPECT_EQ(brief->sections().links().state(), SectionStatus::STATE_INCOMPLETE);
}

}  // namespace
}  // namespace orewatch::gateway
