#include "common/filter/checker.h"

#include <string>

#include "common/filter/filter.h"
#include "common/testing/matchers.h"
#include "orewatch/testing/v1/specimen.pb.h"

namespace orewatch::filter {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::v1::Specimen;
using ::testing::HasSubstr;
using ::testing::Lt;
using ::testing::SizeIs;

std::string ErrorOf(const std::string& text) {
  const auto filter = Filter::Parse(text, *Specimen::descriptor());
  EXPECT_THAT(filter, BlamesField("filter")) << text;
  return std::string(filter.status().message());
}

TEST(CheckerTest, NamesAFieldThatIsNotThere) {
  EXPECT_THAT(ErrorOf("colour = 1"), HasSubstr("column 1: there is no field 'colour' in Specimen"));
  EXPECT_THAT(ErrorOf("name = 'x' AND core.size = 1"), HasSubstr("column 21: there is no field 'size' in Part"));
  EXPECT_THAT(ErrorOf("parts.core.Label = 1"), HasSubstr("column 12: there is no field 'Label' in Part"));
  EXPECT_THAT(ErrorOf("core:size"), HasSubstr("column 6: there is no field 'size' in Part"));
}

TEST(CheckerTest, NamesAFieldWithoutFields) {
  EXPECT_THAT(ErrorOf("count.x = 1"), HasSubstr("column 7: 'count' is int32 and has no field 'x' to filter by"));
  EXPECT_THAT(ErrorOf("found.seconds = 1"), HasSubstr("column 7: 'found' is Timestamp and has no field 'seconds'"));
  EXPECT_THAT(ErrorOf("labels.a.b = 1"), HasSubstr("column 10: 'labels.a' is string and has no field 'b'"));
  EXPECT_THAT(ErrorOf("tags.x = 1"), HasSubstr("column 6: 'tags' is repeated string and has no field 'x'"));
}

TEST(CheckerTest, NamesBothTypesOfAMismatch) {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"fresh = yes", "column 9: found the word 'yes' for 'fresh' (bool), expected true or false"},
      {"fresh = 'true'", "found the string 'true' for 'fresh' (bool)"},
      {"grade = middle", "found the word 'middle' for 'grade' (enum Grade), expected one of UNSPECIFIED, LOW, HIGH"},
      {"grade = 1", "found the integer '1' for 'grade' (enum Grade)"},
      {"count = soon", "found the word 'soon' for 'count' (int32), expected an integer that int32 can hold"},
      {"count = '1'", "found the string '1' for 'count' (int32)"},
      {"count = 1.5", "found the number '1.5' for 'count' (int32)"},
      {"count = 2147483648", "found the integer '2147483648' for 'count' (int32), expected an integer that int32 can"},
      {"serial = 9223372036854775808", "for 'serial' (int64), expected an integer that int64 can hold"},
      {"shelf = -1", "found the integer '-1' for 'shelf' (uint32), expected an integer that uint32 can hold"},
      {"shelf = 4294967296", "for 'shelf' (uint32)"},
      {"box = 18446744073709551616", "for 'box' (uint64)"},
      {"purity > high", "column 10: found the word 'high' for 'purity' (double), expected a finite number"},
      {"purity > inf", "for 'purity' (double), expected a finite number"},
      {"purity > nan", "for 'purity' (double), expected a finite number"},
      {"purity > 1e999", "for 'purity' (double), expected a finite number"},
      {"length > 1e39", "for 'length' (float), expected a finite number"},
      {"purity > 2024-07", "found the date '2024-07' for 'purity' (double)"},
      {"count = true", "found the bool 'true' for 'count' (int32)"},
      {"count = 5s", "found the duration '5s' for 'count' (int32)"},
      {"count = 2024-07-01T00:00:00Z", "found the timestamp '2024-07-01T00:00:00Z' for 'count' (int32)"},
      {"count = 1*", "found the pattern '1*' for 'count' (int32)"},
      {"found > 2024", "found the integer '2024' for 'found' (Timestamp), expected an RFC 3339 time such as"},
      {"age > 5", "found the integer '5' for 'age' (Duration), expected seconds such as 1.5s"},
      {"dated = 2024-13",
       "found the word '2024-13' for 'dated' (PartialDate), expected a date such as 2024, 2024-07 or"},
      {"readings:x", "found the word 'x' for 'readings' (repeated double), expected a finite number"},
      {"layers:x", "column 8: found the word 'x' for a key of 'layers' (int32), expected an integer"},
      {"layers.top = 1", "column 8: found the word 'top' for a key of 'layers' (int32), expected an integer"},
      {"layers.1 = x", "found the word 'x' for 'layers.1' (double), expected a finite number"},
  };
  for (const auto& wrong : kCases) {
    EXPECT_THAT(ErrorOf(wrong.text), HasSubstr(wrong.error)) << wrong.text;
  }
}

TEST(CheckerTest, RefusesComparatorsThatATypeDoesNotKnow) {
  EXPECT_THAT(ErrorOf("fresh < true"), HasSubstr("column 7: 'fresh' (bool) is compared with =, != or :, not '<'"));
  EXPECT_THAT(ErrorOf("grade >= LOW"), HasSubstr("'grade' (enum Grade) is compared with =, != or :, not '>='"));
  EXPECT_THAT(ErrorOf("core = x"),
              HasSubstr("'core' (message Part) is only tested for presence, with :*, not with '='"));
  EXPECT_THAT(ErrorOf("parts != x"), HasSubstr("'parts' (repeated message Part) is only tested for presence"));
  EXPECT_THAT(ErrorOf("scan = x"), HasSubstr("'scan' (bytes) is only tested for presence, with :*, not with '='"));
  EXPECT_THAT(ErrorOf("scan:x"), HasSubstr("'scan' (bytes) is only tested for presence, with :*, not with ':'"));
  EXPECT_THAT(ErrorOf("labels = a"), HasSubstr("'labels' (map) is tested with ':' for a key, or a key follows it"));
  EXPECT_THAT(ErrorOf("name < 'a*'"), HasSubstr("column 8: a wildcard is compared with =, != or :, not '<'"));
}

TEST(CheckerTest, RefusesWildcardsInNamesAndKeys) {
  EXPECT_THAT(ErrorOf("labels:a*"), HasSubstr("column 8: expected '*' or a name, which has no wildcard"));
  EXPECT_THAT(ErrorOf("core:la*"), HasSubstr("column 6: expected '*' or a name, which has no wildcard"));
}

TEST(CheckerTest, ShortensWhatItQuotes) {
  const std::string key(3000, 'k');
  EXPECT_THAT(ErrorOf("drawers." + key + ".weight = x"), SizeIs(Lt(300U)));
  EXPECT_THAT(ErrorOf("drawers." + key + " = x"), SizeIs(Lt(300U)));
  EXPECT_THAT(ErrorOf("count = " + key), SizeIs(Lt(300U)));
  EXPECT_THAT(ErrorOf(key + " = 1"), SizeIs(Lt(300U)));
}

TEST(CheckerTest, KnowsEveryKindOfField) {
  for (const char* text : {"name = x",
                           "note != ''",
                           "fresh = true",
                           "sealed:false",
                           "grade = low",
                           "count >= -2147483648",
                           "serial < 9223372036854775807",
                           "shelf <= 4294967295",
                           "box > 18446744073709551615",
                           "length = 1e38",
                           "mass != .5",
                           "found < 2024-07-01T00:00:00Z",
                           "found < '2024-07-01T00:00:00Z'",
                           "age >= 1.5s",
                           "dated < 2025",
                           "scan:*",
                           "core:*",
                           "core:label",
                           "mine:*",
                           "depth > 0",
                           "tags:x",
                           "readings < 1",
                           "grades:HIGH",
                           "visits:*",
                           "visits > 2024-07-01T00:00:00Z",
                           "parts:*",
                           "parts:label",
                           "parts.parts.tags:x",
                           "labels:*",
                           "labels:key",
                           "labels.key = x",
                           "layers.-1 > 0",
                           "layers:-1",
                           "drawers.top.label = x",
                           "drawers.top.parts.weight:*"}) {
    EXPECT_THAT(Filter::Parse(text, *Specimen::descriptor()), IsOk()) << text;
  }
}

}  // namespace
}  // namespace orewatch::filter
