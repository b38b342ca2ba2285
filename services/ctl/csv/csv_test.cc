#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/csv/csv_writer.h"
#include "services/ctl/csv/utf8.h"

namespace orewatch::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Records = std::vector<std::vector<std::string>>;

absl::StatusOr<Records> ReadAll(absl::string_view text, const CsvLimits& limits = {}) {
  CsvReader reader(text, limits);
  Records records;
  std::vector<std::string> fields;
  while (true) {
    auto more = reader.Next(fields);
    if (!more.ok()) {
      return more.status();
    }
    if (!*more) {
      return records;
    }
    records.push_back(fields);
  }
}

std::string ErrorOf(absl::string_view text, const CsvLimits& limits = {}) {
  return std::string(ReadAll(text, limits).status().message());
}

TEST(CsvReader, ReadsPlainAndEmptyFields) {
  EXPECT_THAT(*ReadAll("a,b,c\n1,,\n"), ElementsAre(ElementsAre("a", "b", "c"), ElementsAre("1", "", "")));
}

TEST(CsvReader, ReadsQuotesWithCommasQuotesAndNewlines) {
  EXPECT_THAT(*ReadAll("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\n"),
              ElementsAre(ElementsAre("a,b", "say \"hi\"", "two\r\nlines")));
}

TEST(CsvReader, SkipsByteOrderMarkAndEmptyLinesAndTakesCrLf) {
  EXPECT_THAT(*ReadAll("\xEF\xBB\xBF"
                       "a,b\r\n\r\n1,2"),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(CsvReader, KeepsTheLineOnWhichARecordBegins) {
  const std::string text = "h\n\"x\ny\"\n\nz\n";
  CsvReader reader(text);
  std::vector<std::string> fields;
  std::vector<int64_t> lines;
  while (*reader.Next(fields)) {
    lines.push_back(reader.line());
  }
  EXPECT_THAT(lines, ElementsAre(1, 2, 5));
}

TEST(CsvReader, TakesALastFieldThatIsEmpty) {
  EXPECT_THAT(*ReadAll("a,"), ElementsAre(ElementsAre("a", "")));
  EXPECT_TRUE(ReadAll("")->empty());
}

TEST(CsvReader, NamesTheLineOfWhatIsMalformed) {
  EXPECT_THAT(ErrorOf("ok\n\"open"), HasSubstr("line 2 has a quote that is never closed"));
  EXPECT_THAT(ErrorOf("\"a\"b\n"), HasSubstr("text after a closing quote"));
  EXPECT_THAT(ErrorOf("a\"b\n"), HasSubstr("not quoted"));
  EXPECT_THAT(ErrorOf("a\rb\n"), HasSubstr("carriage return"));
  EXPECT_THAT(ErrorOf("caf\xE9\n"), HasSubstr("UTF-8"));
  EXPECT_THAT(ErrorOf(absl::string_view("a\0b", 3)), HasSubstr("NUL"));
}

TEST(CsvReader, RefusesWhatExceedsItsLimits) {
  CsvLimits limits;
  limits.max_field_bytes = 3;
  limits.max_fields = 2;
  EXPECT_THAT(ErrorOf("abcd", limits), HasSubstr("more than 3 bytes"));
  EXPECT_THAT(ErrorOf("\"abcdefgh", limits), HasSubstr("more than 3 bytes"));
  EXPECT_THAT(ErrorOf("a,b,c", limits), HasSubstr("more than 2 fields"));
}

TEST(CsvWriter, QuotesOnlyWhatItMustAndReadsBack) {
  const std::vector<std::string> fields = {"plain", "", "a,b", "q\"q", "two\nlines"};
  const std::string record = CsvRecord(fields);
  EXPECT_EQ(record, "plain,,\"a,b\",\"q\"\"q\",\"two\nlines\"\n");
  EXPECT_THAT(*ReadAll(record), ElementsAre(fields));
  EXPECT_THAT(*ReadAll(CsvRecord({std::string(kByteOrderMark)})), ElementsAre(ElementsAre(kByteOrderMark)));
  EXPECT_THAT(*ReadAll(CsvRecord({""})), ElementsAre(ElementsAre("")));
}

TEST(Utf8, TellsTextFromOtherBytes) {
  EXPECT_TRUE(IsUtf8("Côte d'Ivoire 日本 \xF0\x9F\x8C\x8D"));
  EXPECT_FALSE(IsUtf8("\xC0\xAF"));          // Not the shortest form.
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));      // A surrogate.
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));  // Above the last character.
  EXPECT_FALSE(IsUtf8("\xE2\x82"));          // Cut short.
}

}  // namespace
}  // namespace orewatch::ctl
