#include "services/risk/feed/convert_projects.h"

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "services/risk/feed/convert.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::ParseProto;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ProjectChanges ChangesOf(const std::string& entry) {
  ProjectChanges changes;
  AddProjectEntry(ParseProto<registry::v1::Entry>(entry), true, changes);
  return changes;
}

TEST(AddProjectEntryTest, TakesTheReadersOfWhatHasAnOwner) {
  const ProjectChanges changes = ChangesOf(
      R"(project { name: "projects/p" country: "countries/AU" visibility { owner: "meti" readers: "jogmec" } })");
  const Readers& readers = changes.projects.at("projects/p")->readers;
  EXPECT_TRUE(readers.Include("meti"));
  EXPECT_TRUE(readers.Include("jogmec"));
  EXPECT_FALSE(readers.Include("anonymous"));
  EXPECT_TRUE(ChangesOf(R"(project { name: "projects/p" })").projects.at("projects/p")->readers.everybody);
}

TEST(AddProjectEntryTest, CountsCapacityToSpareOfPlantsThatRunAlone) {
  const std::string outputs =
      R"(outputs { mineral: "minerals/tin" stage: STAGE_SMELT spare_capacity_tonnes_per_year: 5 }
                                 outputs { mineral: "minerals/tin" stage: STAGE_MINE capacity_tonnes_per_year: 5 })";
  EXPECT_THAT(
      ChangesOf("facility { name: 'suppliers/s/facilities/f' status: STATUS_OPERATING " + outputs + "}").headrooms,
      SizeIs(1));
  EXPECT_THAT(
      ChangesOf("facility { name: 'suppliers/s/facilities/f' status: STATUS_CONSTRUCTION " + outputs + "}").headrooms,
      IsEmpty());
}

TEST(AddProjectEntryTest, PassesRequirementsOfBuyersOver) {
  EXPECT_FALSE(ChangesOf(R"(requirement { name: "requirements/r" holder: "suppliers/s" })")
                   .requirements.at("requirements/r")
                   .has_value());
  EXPECT_EQ(ChangesOf(R"(requirement { name: "requirements/r" holder: "countries/JP" })")
                .requirements.at("requirements/r")
                ->holder,
            "JP");
}

TEST(AddChangeSetTest, ForgetsOutputsThatAFacilityNoLongerHas) {
  const auto set = ParseProto<registry::v1::ChangeSet>(R"(changes {
    before { facility { name: "suppliers/s/facilities/f" status: STATUS_OPERATING
      outputs { mineral: "minerals/tin" stage: STAGE_SMELT spare_capacity_tonnes_per_year: 5 } } }
    after { facility { name: "suppliers/s/facilities/f" status: STATUS_OPERATING
      outputs { mineral: "minerals/tin" stage: STAGE_REFINE spare_capacity_tonnes_per_year: 6 } } } })");
  Changes first;
  AddEntry(set.changes(0).before(), first);
  Changes second;
  AddChangeSet(set, second);
  ProjectWorld world;
  world.Apply(first.projects);
  world.Apply(second.projects);
  ASSERT_THAT(world.headrooms, SizeIs(1));
  EXPECT_EQ(world.headrooms.begin()->first.stage, type::v1::STAGE_REFINE);
  EXPECT_EQ(world.headrooms.begin()->second->begin()->second.tonnes_per_year, 6);
}

}  // namespace
}  // namespace orewatch::risk
