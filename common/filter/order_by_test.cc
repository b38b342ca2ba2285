#include "common/filter/order_by.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "common/filter/lexer.h"
#include "common/testing/matchers.h"
#include "orewatch/testing/v1/specimen.pb.h"

namespace orewatch::filter {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::orewatch::testing::v1::Part;
using ::orewatch::testing::v1::Specimen;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The names of the specimens, given in text format, in the order.
std::vector<std::string> Sorted(const std::string& order_by, const std::vector<std::string>& specimens) {
  const auto order = OrderBy::Parse(order_by, *Specimen::descriptor());
  EXPECT_THAT(order, IsOk()) << order_by;
  std::vector<Specimen> sorted;
  sorted.reserve(specimens.size());
  for (const std::string& specimen : specimens) {
    sorted.push_back(ParseProto<Specimen>(specimen));
  }
  if (order.ok()) {
    std::sort(sorted.begin(), sorted.end(),
              [&order](const Specimen& a, const Specimen& b) { return std::is_lt(order->Compare(a, b)); });
  }
  std::vector<std::string> names;
  names.reserve(sorted.size());
  for (const Specimen& specimen : sorted) {
    names.push_back(specimen.name());
  }
  return names;
}

std::string Canonical(const std::string& text) {
  const auto order = OrderBy::Parse(text, *Specimen::descriptor());
  return order.ok() ? order->canonical() : order.status().ToString();
}

std::string ErrorOf(const std::string& text) {
  const auto order = OrderBy::Parse(text, *Specimen::descriptor());
  EXPECT_THAT(order, BlamesField("order_by")) << text;
  return std::string(order.status().message());
}

TEST(OrderByTest, AnEmptyTextOrdersByName) {
  EXPECT_THAT(Sorted("", {"name: 'b'", "name: 'c'", "name: 'a'"}), ElementsAre("a", "b", "c"));
}

TEST(OrderByTest, OrdersByEachFieldInTurnAndBreaksTiesByName) {
  const std::vector<std::string> specimens = {"name: 'd' count: 2", "name: 'c' count: 1 mass: 5",
                                              "name: 'b' count: 1 mass: 7", "name: 'a' count: 2"};
  EXPECT_THAT(Sorted("count", specimens), ElementsAre("b", "c", "a", "d"));
  EXPECT_THAT(Sorted("count desc", specimens), ElementsAre("a", "d", "b", "c"));
  EXPECT_THAT(Sorted("count asc, mass asc", specimens), ElementsAre("c", "b", "a", "d"));
  EXPECT_THAT(Sorted("count, name desc", specimens), ElementsAre("c", "b", "d", "a"));
}

TEST(OrderByTest, OrdersEveryTypeWithAnOrder) {
  const std::vector<std::string> specimens = {
      "name: 'first' fresh: false grade: GRADE_LOW serial: -1 box: 1 length: 0.5 note: 'A' found {seconds: 1} "
      "age {seconds: -1} dated {year: 2024} core {label: 'a' core {weight: 1}} depth: 1",
      "name: 'A second' fresh: true grade: GRADE_HIGH serial: 2 box: 18446744073709551615 length: 1.5 note: 'a' "
      "found {seconds: 1 nanos: 1} age {} dated {year: 2024 month: 1 day: 2} core {label: 'b' core {weight: 2}} "
      "depth: 2"};
  for (const char* field : {"fresh", "grade", "serial", "box", "length", "note", "found", "age", "dated", "core.label",
                            "core.core.weight", "depth"}) {
    EXPECT_THAT(Sorted(field, specimens), ElementsAre("first", "A second")) << field;
    EXPECT_THAT(Sorted(std::string(field) + " desc", specimens), ElementsAre("A second", "first")) << field;
  }
}

TEST(OrderByTest, TheUnknownComesLastInEitherDirection) {
  const std::vector<std::string> specimens = {"name: 'unset'", "name: 'high' purity: 1 core {weight: 9}",
                                              "name: 'low' purity: 0 core {weight: 8}", "name: 'also unset' core {}"};
  for (const char* field : {"purity", "core.weight"}) {
    EXPECT_THAT(Sorted(field, specimens), ElementsAre("low", "high", "also unset", "unset"));
    EXPECT_THAT(Sorted(std::string(field) + " desc", specimens), ElementsAre("high", "low", "also unset", "unset"));
  }
  EXPECT_THAT(Sorted("dated", {"name: 'b' dated {month: 1}", "name: 'c' dated {year: 2024}", "name: 'a'"}),
              ElementsAre("c", "a", "b"));
}

TEST(OrderByTest, NaNIsUnknown) {
  const auto order = OrderBy::Parse("mass desc", *Specimen::descriptor());
  ASSERT_THAT(order, IsOk());
  Specimen nan;
  nan.set_name("a");
  nan.set_mass(std::numeric_limits<double>::quiet_NaN());
  Specimen zero;
  zero.set_name("b");
  EXPECT_TRUE(std::is_gt(order->Compare(nan, zero)));
  EXPECT_TRUE(std::is_lt(order->Compare(zero, nan)));
  EXPECT_TRUE(std::is_eq(order->Compare(nan, nan)));
}

TEST(OrderByTest, ATypeWithoutNamesHasNoTieBreaker) {
  const auto order = OrderBy::Parse("label", *Part::descriptor());
  ASSERT_THAT(order, IsOk());
  EXPECT_TRUE(std::is_eq(order->Compare(ParseProto<Part>("weight: 1"), ParseProto<Part>("weight: 2"))));
}

TEST(OrderByTest, HasOneSpelling) {
  EXPECT_EQ(Canonical(""), "");
  EXPECT_EQ(Canonical("  core . label   asc ,count desc,name"), "core.label, count desc, name");
  EXPECT_EQ(Canonical("name asc"), "name");
}

TEST(OrderByTest, SaysWhatWasExpectedAndWhere) {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"colour", "column 1: there is no field 'colour' in Specimen"},
      {"name, core.size", "column 12: there is no field 'size' in Part"},
      {"count up", "column 7: expected asc, desc, ',' or the end, found the word 'up'"},
      {"count DESC", "column 7: expected asc, desc, ',' or the end, found the word 'DESC'"},
      {"count desc mass", "column 12: expected ',' or the end, found the word 'mass'"},
      {"count,", "column 7: expected a field, found the end"},
      {"count,,mass", "column 7: expected a field, found ','"},
      {"-count", "column 1: expected a field, found '-'"},
      {"'name'", "column 1: expected a field, found the string 'name'"},
      {"count = 1", "column 7: expected ',' or the end, found '='"},
      {"count, mass, count desc", "column 14: 'count' is there already"},
      {"tags", "column 1: 'tags' (repeated string) has no order"},
      {"labels", "column 1: 'labels' (map) has no order"},
      {"labels.lei", "column 1: 'labels.lei' lies within 'labels', which is repeated and has no order"},
      {"core.parts.label", "column 1: 'core.parts.label' lies within 'parts', which is repeated and has no order"},
      {"core", "column 1: 'core' (message Part) has no order"},
      {"scan", "column 1: 'scan' (bytes) has no order"},
      {"name, mass, count, serial, shelf, box, length, purity, depth", "column 56: there are more than 8 fields"},
  };
  for (const auto& wrong : kCases) {
    EXPECT_THAT(ErrorOf(wrong.text), HasSubstr(wrong.error)) << wrong.text;
  }
  EXPECT_THAT(ErrorOf(std::string(kMaxTextBytes, ' ') + "x"), HasSubstr("longer than 4096 bytes"));
}

}  // namespace
}  // namespace orewatch::filter
