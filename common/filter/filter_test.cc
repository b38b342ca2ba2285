#include "common/filter/filter.h"

#include <string>
#include <utility>
#include <vector>

#include "common/testing/matchers.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "orewatch/testing/v1/specimen.pb.h"

namespace orewatch::filter {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::orewatch::testing::v1::Specimen;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Filter Parsed(const std::string& text, const google::protobuf::Descriptor& type = *Specimen::descriptor()) {
  auto filter = Filter::Parse(text, type);
  EXPECT_THAT(filter, IsOk()) << text;
  return filter.ok() ? *std::move(filter) : Filter();
}

std::string Canonical(const std::string& text) { return Parsed(text).canonical(); }

std::vector<std::pair<std::string, std::string>> Equalities(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (Equality& equality : Parsed(text).Equalities()) {
    pairs.emplace_back(std::move(equality.path), std::move(equality.literal));
  }
  return pairs;
}

TEST(CanonicalFilterTest, HasOneSpellingForSpacesQuotesAndOperators) {
  EXPECT_EQ(Canonical(""), "");
  EXPECT_EQ(Canonical(" ( name=x )  -(fresh:true) "), "name = \"x\" AND NOT fresh = true");
  EXPECT_EQ(Canonical("(name = 'x' OR count > 1) AND (mass < 2)"), "name = \"x\" OR count > 1 AND mass < 2");
  EXPECT_EQ(Canonical("(count = 1 AND mass = 1) OR NOT (count = 2 OR mass = 2)"),
            "(count = 1 AND mass = 1) OR NOT (count = 2 OR mass = 2)");
  EXPECT_EQ(Canonical("tags:x labels:lei core:label labels.'a.b':* parts:*"),
            "tags = \"x\" AND labels.lei:* AND core.label:* AND labels.\"a.b\":* AND parts:*");
}

TEST(CanonicalFilterTest, HasOneSpellingForLiterals) {
  EXPECT_EQ(Canonical("grade = high OR grade = grade_low"), "grade = GRADE_HIGH OR grade = GRADE_LOW");
  EXPECT_EQ(Canonical("mass = 0.50 OR mass = 5e-1 OR mass = -0"), "mass = 0.5 OR mass = 0.5 OR mass = 0");
  EXPECT_EQ(Canonical("count = +007 OR box = 18446744073709551615"), "count = 7 OR box = 18446744073709551615");
  EXPECT_EQ(Canonical("found > '2024-07-01T02:00:00.50+02:00'"), "found > 2024-07-01T00:00:00.5Z");
  EXPECT_EQ(Canonical("age < 60.0s dated = 2024"), "age < 60s AND dated = 2024-01-01");
  EXPECT_EQ(Canonical("layers.-01 > 1 layers:5"), "layers.-1 > 1 AND layers.5:*");
  EXPECT_EQ(Canonical("name = *x OR name = 'x*' OR name = *"), "name = \"*x\" OR name = \"x*\" OR name = \"*\"");
  EXPECT_EQ(Canonical(R"(name = "\*a\"\\" OR name = 'it\'s')"), R"(name = "\*a\"\\" OR name = "it's")");
}

TEST(CanonicalFilterTest, IsItsOwnCanonicalText) {
  for (const char* text :
       {"name=x -(fresh:true OR count<1)", "NOT (NOT (count = 1 AND mass = 2))", "length = 0.1", "mass = 1e300",
        R"(name = "\*\"\\" labels."" = '' labels."\"":* labels.NOT = x)", "dated != 0999-07 age = -0.5s",
        "found = 0001-01-01T00:00:00Z", "name = '*' tags:'**' core.core.label:*"}) {
    EXPECT_EQ(Canonical(Canonical(text)), Canonical(text)) << text;
  }
}

TEST(CanonicalFilterTest, TellsDifferentFiltersApart) {
  EXPECT_NE(Canonical("name = 'x*'"), Canonical(R"(name = "x\*")"));
  EXPECT_NE(Canonical("note:*"), Canonical("note = '*'"));
  EXPECT_NE(Canonical("count = 1 AND mass = 1 OR mass = 2"), Canonical("(count = 1 AND mass = 1) OR mass = 2"));
}

TEST(EqualitiesTest, AreThoseThatEveryMatchMeets) {
  EXPECT_THAT(Equalities("name = x"), ElementsAre(Pair("name", "x")));
  EXPECT_THAT(Equalities("name = x AND (grade = high AND parts.label:'a b') count > 1"),
              ElementsAre(Pair("name", "x"), Pair("grade", "GRADE_HIGH"), Pair("parts.label", "a b")));
  EXPECT_THAT(Equalities("labels.lei = X AND dated = 2024-07 AND purity = 0.50 AND sealed = false"),
              ElementsAre(Pair("labels.lei", "X"), Pair("dated", "2024-07-01"), Pair("purity", "0.5"),
                          Pair("sealed", "false")));
}

TEST(EqualitiesTest, LeaveOutWhatAMatchNeedNotMeet) {
  EXPECT_THAT(Equalities(""), IsEmpty());
  EXPECT_THAT(Equalities("name = x OR name = y"), IsEmpty());
  EXPECT_THAT(Equalities("NOT name = x AND name != y AND count >= 1"), IsEmpty());
  EXPECT_THAT(Equalities("name = x* AND labels:lei AND note:*"), IsEmpty());
}

TEST(EqualitiesTest, LeaveOutTheValueOfAFieldThatNobodySet) {
  EXPECT_THAT(
      Equalities("name = '' AND count = 0 AND box = 0 AND mass = 0.0 AND fresh = false AND grade = unspecified"),
      IsEmpty());
  EXPECT_THAT(Equalities("note = '' AND serial = 0 AND age = 0s"),
              ElementsAre(Pair("note", ""), Pair("serial", "0"), Pair("age", "0s")));
}

// The examples of docs/api/filter.md.
TEST(FilterTest, ReadsTheExamplesOfItsReference) {
  const auto facility = ParseProto<registry::v1::Facility>(R"(
    name: 'suppliers/acme/facilities/kolwezi' display_name: 'Kolwezi refinery' country: 'countries/CD'
    status: STATUS_OPERATING latitude: -10.7
    outputs { mineral: 'minerals/cobalt' stage: STAGE_REFINE capacity_tonnes_per_year: 12000 }
    outputs { mineral: 'minerals/copper' stage: STAGE_SMELT }
    metadata { update_time { seconds: 1719792000 } })");
  for (const char* text :
       {"country = \"countries/CD\" AND status = OPERATING", "country = countries/AU OR country = countries/CD",
        "outputs.mineral = \"minerals/cobalt\" AND outputs.capacity_tonnes_per_year >= 10000", "NOT status = CLOSED",
        "-status = closed", "name = \"suppliers/acme/*\"", "display_name = \"*refinery*\"",
        "latitude:* AND latitude < 0", "metadata.update_time >= 2024-07-01T00:00:00Z",
        "NOT outputs.spare_capacity_tonnes_per_year > 0", "outputs:host_mineral OR outputs.stage = REFINE"}) {
    EXPECT_TRUE(Parsed(text, *registry::v1::Facility::descriptor()).Matches(facility)) << text;
  }
  const auto supplier = ParseProto<registry::v1::Supplier>(R"(
    name: 'suppliers/acme' identifiers { key: 'lei' value: '5493001KJTIIGC8Y1R12' }
    owners { country: 'countries/CN' share: 0.6 state: true } findings { date { year: 2024 month: 3 } })");
  for (const char* text :
       {"identifiers:lei", "identifiers.lei = \"5493001KJTIIGC8Y1R12\"", "owners.state = true AND owners.share > 0.5",
        "findings.date >= 2024 AND findings.date < 2025", "NOT visibility:owner"}) {
    EXPECT_TRUE(Parsed(text, *registry::v1::Supplier::descriptor()).Matches(supplier)) << text;
  }
}

}  // namespace
}  // namespace orewatch::filter
