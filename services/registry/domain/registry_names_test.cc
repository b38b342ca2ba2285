#include "common/testing/matchers.h"
#include "services/registry/domain/references.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/statistic_key.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::ElementsAre;
using ::testing::Field;

TEST(ResourceNameTest, RoundTripsEveryKind) {
  for (const char* name : {"minerals/rare-earths", "countries/AU", "blocs/EU", "suppliers/lynas",
                           "suppliers/lynas/facilities/mt-weld", "links/a1", "projects/p", "agreements/a", "measures/m",
                           "stockpiles/s", "requirements/r", "events/e", "clock/today"}) {
    const auto parsed = ParseResourceName(name);
    ASSERT_THAT(parsed, IsOk()) << name;
    EXPECT_EQ(parsed->ToString(), name);
  }
}

TEST(ResourceNameTest, RefusesWhatIsNoName) {
  for (const char* name :
       {"", "minerals", "minerals/", "minerals/Cobalt", "minerals/a/b", "countries/ZZ", "countries/AUS", "countries/au",
        "suppliers/x/facilities/", "facilities/f", "minerals/-a", "clock/yesterday"}) {
    EXPECT_FALSE(ParseResourceName(name).ok()) << name;
  }
  EXPECT_THAT(ParseNameOf(Kind::kMineral, "countries/AU", "link.mineral"), BlamesField("link.mineral"));
}

TEST(ReferencesTest, FindsNamesInNestedAndRepeatedFieldsAndTheContainer) {
  const auto references = ReferencesOf(ParseProto<v1::Entry>(R"pb(
    facility {
      name: "suppliers/lynas/facilities/mt-weld"
      display_name: "minerals/not-a-reference"
      country: "countries/AU"
      outputs { mineral: "minerals/rare-earths" }
      outputs { mineral: "minerals/niobium" host_mineral: "minerals/rare-earths" }
    })pb"));
  EXPECT_THAT(
      references,
      ElementsAre(Field(&Reference::target, "suppliers/lynas"), Field(&Reference::target, "countries/AU"),
                  Field(&Reference::field, "outputs[0].mineral"), Field(&Reference::field, "outputs[1].mineral"),
                  Field(&Reference::field, "outputs[1].host_mineral")));
}

TEST(ReferencesTest, EventsReferToTheirSubjectsAndProjectsToRegisteredSponsors) {
  const auto event = ReferencesOf(ParseProto<v1::Entry>(R"pb(
    event {
      name: "events/e"
      impacts { subject: "links/l" }
      impacts { subject: "minerals/tin" }
    }
  )pb"));
  EXPECT_THAT(event, ElementsAre(Field(&Reference::target, "links/l"), Field(&Reference::target, "minerals/tin")));
  const auto project = ReferencesOf(ParseProto<v1::Entry>(R"pb(
    project {
      name: "projects/p"
      sponsors { supplier: "suppliers/acme" }
      sponsors { display_name: "suppliers/only-text" }
    })pb"));
  EXPECT_THAT(project, ElementsAre(Field(&Reference::target, "suppliers/acme")));
}

TEST(ReferencesTest, StatisticsReferToCountriesButNotToOthers) {
  const auto references = ReferencesOf(ParseProto<v1::Entry>(R"pb(
    statistic {
      dataset: "d"
      year: 2024
      trade { mineral: "minerals/cobalt" exporter: "ZZ" importer: "JP" }
    })pb"));
  EXPECT_THAT(references,
              ElementsAre(Field(&Reference::target, "minerals/cobalt"), Field(&Reference::target, "countries/JP")));
}

TEST(StatisticKeyTest, DependsOnEveryFieldButTheValue) {
  const auto base = ParseProto<v1::Statistic>(R"pb(
    dataset: "usgs"
    year: 2024
    production { mineral: "minerals/cobalt" stage: STAGE_MINE country: "CD" product: "ore" }
    quantity { tonnes: 5 basis: BASIS_CONTAINED scope: "cobalt content" })pb");
  v1::Statistic other = base;
  other.mutable_quantity()->set_tonnes(6);
  other.mutable_quantity()->set_estimated(true);
  EXPECT_EQ(StatisticKey(base), StatisticKey(other));
  const std::vector<std::function<void(v1::Statistic&)>> changes = {
      [](v1::Statistic& s) { s.set_dataset("x"); },
      [](v1::Statistic& s) { s.set_year(2023); },
      [](v1::Statistic& s) { s.mutable_production()->set_mineral("x"); },
      [](v1::Statistic& s) { s.mutable_production()->set_stage(type::v1::STAGE_REFINE); },
      [](v1::Statistic& s) { s.mutable_production()->set_country("AU"); },
      [](v1::Statistic& s) { s.mutable_production()->set_product("x"); },
      [](v1::Statistic& s) { s.mutable_quantity()->set_basis(type::v1::BASIS_GROSS); },
      [](v1::Statistic& s) { s.mutable_quantity()->set_scope("a/b"); },
  };
  for (const auto& change : changes) {
    v1::Statistic changed = base;
    change(changed);
    EXPECT_NE(StatisticKey(base), StatisticKey(changed)) << changed.DebugString();
  }
}

}  // namespace
}  // namespace orewatch::registry
