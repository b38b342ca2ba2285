#include "common/filter/evaluator.h"

#include <limits>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/filter/filter.h"
#include "common/testing/matchers.h"
#include "google/protobuf/dynamic_message.h"
#include "orewatch/testing/v1/specimen.pb.h"

namespace orewatch::filter {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::orewatch::testing::v1::Specimen;

// Whether the specimen, given in text format, matches.
bool Matches(const std::string& filter, const Specimen& specimen) {
  const auto parsed = Filter::Parse(filter, *Specimen::descriptor());
  EXPECT_THAT(parsed, IsOk()) << filter;
  return parsed.ok() && parsed->Matches(specimen);
}

bool Matches(const std::string& filter, const std::string& specimen) {
  return Matches(filter, ParseProto<Specimen>(specimen));
}

// Every comparison that `value` meets when it is compared with `literal`.
void ExpectComparisons(const std::string& field, const std::string& specimen, const std::string& smaller,
                       const std::string& same, const std::string& greater) {
  const struct {
    const char* comparator;
    bool with_smaller;
    bool with_same;
    bool with_greater;
  } kTable[] = {{" = ", false, true, false}, {" != ", true, false, true}, {" < ", false, false, true},
                {" <= ", false, true, true}, {" > ", true, false, false}, {" >= ", true, true, false},
                {" : ", false, true, false}};
  for (const auto& row : kTable) {
    EXPECT_EQ(Matches(absl::StrCat(field, row.comparator, smaller), specimen), row.with_smaller)
        << row.comparator << smaller;
    EXPECT_EQ(Matches(absl::StrCat(field, row.comparator, same), specimen), row.with_same) << row.comparator << same;
    EXPECT_EQ(Matches(absl::StrCat(field, row.comparator, greater), specimen), row.with_greater)
        << row.comparator << greater;
  }
}

TEST(EvaluatorTest, AnEmptyFilterMatchesEverything) {
  EXPECT_TRUE(Matches("", ""));
  EXPECT_TRUE(Filter().Matches(Specimen()));
}

TEST(EvaluatorTest, CombinesTests) {
  EXPECT_TRUE(Matches("count = 1 AND mass = 2", "count: 1 mass: 2"));
  EXPECT_FALSE(Matches("count = 1 AND mass = 3", "count: 1 mass: 2"));
  EXPECT_FALSE(Matches("count = 1 mass = 3", "count: 1 mass: 2"));
  EXPECT_TRUE(Matches("count = 2 OR mass = 2", "count: 1 mass: 2"));
  EXPECT_FALSE(Matches("count = 2 OR mass = 3", "count: 1 mass: 2"));
  EXPECT_FALSE(Matches("count = 1 OR mass = 2 AND shelf = 9", "count: 1 mass: 2"));
  EXPECT_FALSE(Matches("NOT count = 1", "count: 1"));
  EXPECT_TRUE(Matches("-count = 2", "count: 1"));
  EXPECT_TRUE(Matches("NOT (count = 1 AND mass = 3)", "count: 1 mass: 2"));
}

TEST(EvaluatorTest, ComparesNumbers) {
  ExpectComparisons("count", "count: -5", "-6", "-5", "0");
  ExpectComparisons("serial", "serial: 9007199254740993", "9007199254740992", "9007199254740993", "9007199254740994");
  ExpectComparisons("shelf", "shelf: 4294967294", "4294967293", "4294967294", "4294967295");
}

TEST(EvaluatorTest, ComparesUnsignedNumbersBeyondTheSigned) {
  ExpectComparisons("box", "box: 18446744073709551614", "1", "18446744073709551614", "18446744073709551615");
}

TEST(EvaluatorTest, ComparesRealNumbersExactly) {
  ExpectComparisons("mass", "mass: 0.3", "0.29999999999999993", "0.3", "0.30000000000000004");
  ExpectComparisons("mass", "mass: 1e300", "-2.5e-3", "1.0e+300", "1.1e300");
  ExpectComparisons("length", "length: 0.1", "0.09999999", "0.1", "0.10000001");
  EXPECT_TRUE(Matches("mass = 0", "mass: -0.0"));
  EXPECT_TRUE(Matches("mass = -0.0", "mass: 0"));
}

TEST(EvaluatorTest, NothingComparesWithNaN) {
  Specimen specimen;
  specimen.set_mass(std::numeric_limits<double>::quiet_NaN());
  for (const char* filter : {"mass = 0", "mass != 0", "mass < 0", "mass <= 0", "mass > 0", "mass >= 0"}) {
    EXPECT_FALSE(Matches(filter, specimen)) << filter;
  }
}

TEST(EvaluatorTest, ComparesStringsByBytes) {
  ExpectComparisons("name", "name: 'b'", "a", "b", "ba");
  ExpectComparisons("name", "name: 'b'", "\"B\"", "\"b\"", "'ä'");
  ExpectComparisons("name", "name: 'b'", "''", "'b'", "'b '");
}

TEST(EvaluatorTest, MatchesWildcardsAtEitherEnd) {
  const std::string specimen = "name: 'suppliers/acme-mining'";
  EXPECT_TRUE(Matches("name = suppliers/*", specimen));
  EXPECT_TRUE(Matches("name = '*-mining'", specimen));
  EXPECT_TRUE(Matches("name = *acme*", specimen));
  EXPECT_TRUE(Matches("name = *suppliers/acme-mining*", specimen));
  EXPECT_TRUE(Matches("name:*acme*", specimen));
  EXPECT_TRUE(Matches("name = *", specimen));
  EXPECT_FALSE(Matches("name = acme*", specimen));
  EXPECT_FALSE(Matches("name = *acme", specimen));
  EXPECT_FALSE(Matches("name = *ACME*", specimen));
  EXPECT_FALSE(Matches("name != *acme*", specimen));
  EXPECT_TRUE(Matches("name != acme*", specimen));
  EXPECT_FALSE(Matches("name = \"suppliers/\\*\"", specimen));
  EXPECT_TRUE(Matches("name = \"a\\*\"", "name: 'a*'"));
}

TEST(EvaluatorTest, ComparesBoolsAndEnumsForEquality) {
  EXPECT_TRUE(Matches("fresh = true", "fresh: true"));
  EXPECT_TRUE(Matches("fresh != false", "fresh: true"));
  EXPECT_TRUE(Matches("fresh = false", ""));
  for (const char* spelling : {"GRADE_HIGH", "HIGH", "grade_high", "high", "'High'"}) {
    EXPECT_TRUE(Matches(std::string("grade = ") + spelling, "grade: GRADE_HIGH")) << spelling;
    EXPECT_FALSE(Matches(std::string("grade = ") + spelling, "grade: GRADE_LOW")) << spelling;
  }
  EXPECT_TRUE(Matches("grade = unspecified", ""));
  EXPECT_TRUE(Matches("grade != LOW", ""));
}

TEST(EvaluatorTest, ComparesTimes) {
  ExpectComparisons("found", "found {seconds: 1719792000 nanos: 5}", "2024-07-01T00:00:00.000000004Z",
                    "2024-07-01T02:00:00.000000005+02:00", "2024-07-01T00:00:00.000000006Z");
  ExpectComparisons("age", "age {seconds: -1 nanos: -500000000}", "-1.6s", "-1.5s", "0s");
}

TEST(EvaluatorTest, ComparesTheFirstDayOfADate) {
  ExpectComparisons("dated", "dated {year: 2024}", "2023-12-31", "2024", "2024-01-02");
  ExpectComparisons("dated", "dated {year: 2024 month: 7}", "2024", "2024-07", "2024-07-02");
  ExpectComparisons("dated", "dated {year: 2024 month: 7 day: 15}", "2024-07", "2024-07-15", "2024-08");
  EXPECT_TRUE(Matches("dated = 2024-01-01", "dated {year: 2024}"));
  EXPECT_TRUE(Matches("dated >= 2024 AND dated < 2025", "dated {year: 2024 month: 12 day: 31}"));
}

TEST(EvaluatorTest, EveryComparisonWithTheUnknownIsFalse) {
  const struct {
    const char* field;
    const char* literal;
  } kUnset[] = {{"purity", "0"},
                {"serial", "0"},
                {"note", "''"},
                {"sealed", "false"},
                {"regrade", "unspecified"},
                {"found", "1970-01-01T00:00:00Z"},
                {"age", "0s"},
                {"dated", "2024"},
                {"core.label", "''"},
                {"mine", "''"},
                {"depth", "0"},
                {"labels.lei", "''"},
                {"layers.1", "0"},
                {"drawers.top.label", "''"}};
  for (const auto& [field, literal] : kUnset) {
    for (const char* comparator : {" = ", " != ", " : "}) {
      EXPECT_FALSE(Matches(absl::StrCat(field, comparator, literal), "")) << field << comparator;
      EXPECT_TRUE(Matches(absl::StrCat("NOT ", field, comparator, literal), "")) << field << comparator;
    }
  }
  for (const char* comparator : {"<", "<=", ">", ">="}) {
    EXPECT_FALSE(Matches(std::string("purity ") + comparator + " 0", "")) << comparator;
  }
  EXPECT_FALSE(Matches("note = *", ""));
  EXPECT_FALSE(Matches("dated < 2024", "dated {month: 3}")) << "a date without a year is unknown";
}

TEST(EvaluatorTest, ASetValueIsKnownThoughItIsZero) {
  EXPECT_TRUE(Matches("purity = 0", "purity: 0"));
  EXPECT_TRUE(Matches("sealed = false", "sealed: false"));
  EXPECT_TRUE(Matches("note = ''", "note: ''"));
  EXPECT_TRUE(Matches("core.label = ''", "core {}"));
  EXPECT_TRUE(Matches("found = 1970-01-01T00:00:00Z", "found {}"));
}

TEST(EvaluatorTest, AFieldThatCannotBeUnsetHasAlwaysAValue) {
  EXPECT_TRUE(Matches("name = ''", ""));
  EXPECT_TRUE(Matches("name != x", ""));
  EXPECT_TRUE(Matches("count < 1", ""));
}

TEST(EvaluatorTest, AFilterAndItsNegationDivideEverything) {
  for (const char* specimen : {"", "purity: 0.5", "purity: 0.9", "parts {weight: 1} parts {}"}) {
    for (const char* filter : {"purity > 0.8", "purity != 0.5", "parts.weight = 1", "parts.weight != 1"}) {
      EXPECT_NE(Matches(filter, specimen), Matches("NOT " + std::string(filter), specimen)) << filter << specimen;
    }
  }
}

TEST(EvaluatorTest, AnyElementOfARepeatedFieldIsEnough) {
  const std::string specimen = "tags: 'a' tags: 'b' readings: 1 readings: 5 grades: GRADE_LOW visits {seconds: 9}";
  EXPECT_TRUE(Matches("tags:b", specimen));
  EXPECT_TRUE(Matches("tags = b", specimen));
  EXPECT_FALSE(Matches("tags:c", specimen));
  EXPECT_TRUE(Matches("tags:'*b'", specimen));
  EXPECT_TRUE(Matches("tags != b", specimen)) << "the element 'a' differs";
  EXPECT_FALSE(Matches("NOT tags = b", specimen));
  EXPECT_TRUE(Matches("readings > 4", specimen));
  EXPECT_FALSE(Matches("readings > 5", specimen));
  EXPECT_TRUE(Matches("grades:low", specimen));
  EXPECT_TRUE(Matches("visits = 1970-01-01T00:00:09Z", specimen));
  EXPECT_FALSE(Matches("tags != b", "")) << "there is no element";
}

TEST(EvaluatorTest, PathsGoThroughRepeatedMessages) {
  const std::string specimen = R"(
    parts { label: 'lid' weight: 1 tags: 'x' parts { label: 'screw' weight: 9 } }
    parts { label: 'jar' core { label: 'wick' } })";
  EXPECT_TRUE(Matches("parts.label = jar", specimen));
  EXPECT_TRUE(Matches("parts.label:lid", specimen));
  EXPECT_FALSE(Matches("parts.label = screw", specimen));
  EXPECT_TRUE(Matches("parts.parts.label = screw", specimen));
  EXPECT_TRUE(Matches("parts.core.label = wick", specimen));
  EXPECT_TRUE(Matches("parts.tags:x", specimen));
  EXPECT_TRUE(Matches("parts.parts.weight > 8", specimen));
  EXPECT_FALSE(Matches("parts.weight > 8", specimen));
  EXPECT_TRUE(Matches("parts.label = jar AND parts.weight = 1", specimen)) << "each test looks at all elements";
}

TEST(EvaluatorTest, LooksUpKeysOfMaps) {
  const std::string specimen = R"(
    labels { key: 'lei' value: 'X1' } labels { key: 'a.b' value: '' }
    layers { key: -3 value: 2.5 } drawers { key: 'top' value { label: 'ore' } })";
  EXPECT_TRUE(Matches("labels:lei", specimen));
  EXPECT_FALSE(Matches("labels:ticker", specimen));
  EXPECT_TRUE(Matches("labels.lei:*", specimen));
  EXPECT_TRUE(Matches("labels.lei = X1", specimen));
  EXPECT_TRUE(Matches("labels.lei:X1", specimen));
  EXPECT_TRUE(Matches("labels.lei = 'X*'", specimen));
  EXPECT_FALSE(Matches("labels.lei != X1", specimen));
  EXPECT_TRUE(Matches("labels:'a.b'", specimen)) << "the key is there, its value empty";
  EXPECT_TRUE(Matches("labels.'a.b' = ''", specimen));
  EXPECT_TRUE(Matches("labels.'a.b':*", specimen));
  EXPECT_TRUE(Matches("layers:-3", specimen));
  EXPECT_TRUE(Matches("layers.-3 > 2", specimen));
  EXPECT_TRUE(Matches("drawers.top.label = ore", specimen));
  EXPECT_FALSE(Matches("drawers.low.label = ore", specimen));
  EXPECT_TRUE(Matches("labels:*", specimen));
  EXPECT_FALSE(Matches("labels:*", ""));
}

TEST(EvaluatorTest, TellsWhatIsPresent) {
  const std::string specimen = R"(
    name: 'x' purity: 0 core { grade: GRADE_LOW } parts { weight: 0 } scan: 'b' depth: 0 tags: '')";
  for (const char* field : {"name", "purity", "core", "core.grade", "parts", "parts.weight", "scan", "depth", "tags"}) {
    EXPECT_TRUE(Matches(std::string(field) + ":*", specimen)) << field;
    EXPECT_FALSE(Matches(std::string(field) + ":*", "")) << field;
  }
  for (const char* field : {"count", "core.label", "core.core", "parts.label", "mine", "readings", "found"}) {
    EXPECT_FALSE(Matches(std::string(field) + ":*", specimen)) << field;
  }
  EXPECT_TRUE(Matches("core:grade", specimen));
  EXPECT_FALSE(Matches("core:label", specimen));
  EXPECT_TRUE(Matches("parts:weight", specimen));
}

TEST(EvaluatorTest, KeepsEnumValuesThatItDoesNotKnow) {
  Specimen specimen;
  specimen.set_grade(static_cast<testing::v1::Grade>(77));
  EXPECT_TRUE(Matches("grade != HIGH", specimen));
  EXPECT_FALSE(Matches("grade = HIGH", specimen));
  EXPECT_TRUE(Matches("grade:*", specimen));
}

TEST(EvaluatorTest, ReadsMessagesThatHaveNoGeneratedClass) {
  const auto filter = Filter::Parse("name = x AND found > 1970-01-01T00:00:01Z AND labels.lei = y AND dated = 2024",
                                    *Specimen::descriptor());
  ASSERT_THAT(filter, IsOk());
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<google::protobuf::Message> message(factory.GetPrototype(Specimen::descriptor())->New());
  const auto specimen =
      ParseProto<Specimen>("name: 'x' found {seconds: 2} labels {key: 'lei' value: 'y'} dated {year: 2024}");
  ASSERT_TRUE(message->ParseFromString(specimen.SerializeAsString()));
  EXPECT_TRUE(filter->Matches(*message));
}

}  // namespace
}  // namespace orewatch::filter
