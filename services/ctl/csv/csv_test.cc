#include <algorithm>
#include <istream>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/csv/csv_writer.h"
#include "services/ctl/csv/utf8.h"
#include "services/ctl/csv/windows1252.h"

namespace orewatch::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Records = std::vector<std::vector<std::string>>;

absl::StatusOr<Records> ReadAll(absl::string_view text, const CsvOptions& options = {}) {
  std::istringstream stream{std::string(text)};
  CsvReader reader(stream, options);
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

std::string ErrorOf(absl::string_view text, const CsvOptions& options = {}) {
  return std::string(ReadAll(text, options).status().message());
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
  std::istringstream stream("h\n\"x\ny\"\n\nz\n");
  CsvReader reader(stream);
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
  CsvOptions options;
  options.max_field_bytes = 3;
  options.max_fields = 2;
  EXPECT_THAT(ErrorOf("abcd", options), HasSubstr("more than 3 bytes"));
  EXPECT_THAT(ErrorOf("\"abcdefgh", options), HasSubstr("more than 3 bytes"));
  EXPECT_THAT(ErrorOf("a,b,c", options), HasSubstr("more than 2 fields"));
}

TEST(CsvReader, ReadsTheSameInChunksOfAnySize) {
  const std::string text = "\xEF\xBB\xBFname,\"a \"\"b\"\", c\"\r\n\r\n\"two\r\nlines\",,\n\"\",last";
  const Records whole = *ReadAll(text);
  ASSERT_EQ(whole.size(), 3U);
  CsvOptions options;
  for (options.chunk_bytes = 4; options.chunk_bytes < text.size(); ++options.chunk_bytes) {
    EXPECT_EQ(*ReadAll(text, options), whole) << options.chunk_bytes;
  }
}

TEST(CsvReader, CountsTheBytesItHasTaken) {
  std::istringstream stream("a,b\r\nc,d\n");
  CsvReader reader(stream);
  std::vector<std::string> fields;
  ASSERT_TRUE(*reader.Next(fields));
  EXPECT_EQ(reader.bytes(), 5);
  while (*reader.Next(fields)) {
  }
  EXPECT_EQ(reader.bytes(), 9);
}

// A line without an end, as a file of another kind may well be.
class EndlessLine : public std::streambuf {
 public:
  int64_t given() const { return given_; }

 protected:
  std::streamsize xsgetn(char* to, std::streamsize count) override {
    std::fill_n(to, count, 'x');
    given_ += count;
    return count;
  }
  int underflow() override { return 'x'; }

 private:
  int64_t given_ = 0;
};

TEST(CsvReader, HoldsNoMoreOfALineThanAField) {
  EndlessLine endless;
  std::istream stream(&endless);
  CsvReader reader(stream);
  std::vector<std::string> fields;
  EXPECT_THAT(std::string(reader.Next(fields).status().message()), HasSubstr("a field of more than 65536 bytes"));
  EXPECT_LT(endless.given(), int64_t{1} << 20);
  EXPECT_FALSE(*reader.Next(fields));
}

TEST(CsvReader, TellsAStreamThatFailsFromOneThatEnds) {
  std::istringstream stream("a,b\n");
  stream.setstate(std::ios::badbit);
  CsvReader reader(stream);
  std::vector<std::string> fields;
  EXPECT_EQ(reader.Next(fields).status().code(), absl::StatusCode::kUnavailable);
}

TEST(CsvReader, TakesWindows1252WhereItMay) {
  CsvOptions options;
  options.encoding = Encoding::kUtf8OrWindows1252;
  EXPECT_THAT(*ReadAll("\x97,C\xF4te d\x92Ivoire,C\xC3\xB4te\n", options),
              ElementsAre(ElementsAre("—", "Côte d’Ivoire", "Côte")));
  EXPECT_THAT(ErrorOf("a\x81\n", options), HasSubstr("line 1 is neither UTF-8 nor Windows-1252"));
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

TEST(Windows1252, HasTheCharactersThatLatin1HasNot) {
  EXPECT_EQ(*Windows1252ToUtf8("\x80 \x93x\x94 \xBD \xE9"), "€ “x” ½ é");
  EXPECT_FALSE(Windows1252ToUtf8("\x9D").has_value());
}

}  // namespace
}  // namespace orewatch::ctl
