#include "common/filter/time_text.h"

#include "gmock/gmock.h"

namespace orewatch::filter {
namespace {

// What is read, written again; empty if nothing is.
std::string Timestamp(absl::string_view text) {
  const auto instant = ReadTimestamp(text);
  return instant.has_value() ? TimestampText(*instant) : "";
}

std::string Duration(absl::string_view text) {
  const auto instant = ReadDuration(text);
  return instant.has_value() ? DurationText(*instant) : "";
}

std::string Date(absl::string_view text) {
  const auto ordinal = ReadDate(text);
  return ordinal.has_value() ? DateText(*ordinal) : "";
}

TEST(TimestampTextTest, ReadsRfc3339InAnyOffset) {
  EXPECT_EQ(Timestamp("2024-07-01T12:00:00Z"), "2024-07-01T12:00:00Z");
  EXPECT_EQ(Timestamp("2024-07-01t12:00:00z"), "2024-07-01T12:00:00Z");
  EXPECT_EQ(Timestamp("2024-07-01T12:00:00.250+09:00"), "2024-07-01T03:00:00.25Z");
  EXPECT_EQ(Timestamp("2024-06-30T23:30:00-00:30"), "2024-07-01T00:00:00Z");
  EXPECT_EQ(Timestamp("1969-12-31T23:59:59.999999999Z"), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Timestamp("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(Timestamp("9999-12-31T23:59:59.999999999Z"), "9999-12-31T23:59:59.999999999Z");
}

TEST(TimestampTextTest, TakesTheNanosecondsForward) {
  const auto instant = ReadTimestamp("1969-12-31T23:59:59.25Z");
  ASSERT_TRUE(instant.has_value());
  EXPECT_EQ(instant->seconds, -1);
  EXPECT_EQ(instant->nanos, 250'000'000);
}

TEST(TimestampTextTest, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "now", "infinite-past", "2024-07-01", "2024-07-01T12:00:00", "2024-07-01T12:00Z", "2024-7-1T1:0:0Z",
        "12024-07-01T12:00:00Z", "2024-02-30T12:00:00Z", "2024-07-01T24:00:00Z", "2024-07-01T12:00:00+0900",
        "2024-07-01T12:00:00+09", "2024-07-01T12:00:00.Z", "2024-07-01T12:00:00.1234567890Z", "2024-07-01T12:00:00Zx",
        "0000-12-31T12:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"}) {
    EXPECT_FALSE(ReadTimestamp(text).has_value()) << text;
  }
}

TEST(DurationTextTest, ReadsSeconds) {
  EXPECT_EQ(Duration("20s"), "20s");
  EXPECT_EQ(Duration("1.50s"), "1.5s");
  EXPECT_EQ(Duration("-0.000000001s"), "-0.000000001s");
  EXPECT_EQ(Duration("-0s"), "0s");
  EXPECT_EQ(Duration("315576000000s"), "315576000000s");
}

TEST(DurationTextTest, RefusesWhatIsNoDuration) {
  for (const char* text : {"", "s", "20", "20m", "1h20s", "-s", "--1s", "+1s", " 1s", ".5s", "1.s", "1.0000000001s",
                           "1.5.5s", "315576000001s", "99999999999999999999s"}) {
    EXPECT_FALSE(ReadDuration(text).has_value()) << text;
  }
}

TEST(DateTextTest, ReadsTheFirstDayOfAYearAMonthAndADay) {
  EXPECT_EQ(Date("2024"), "2024-01-01");
  EXPECT_EQ(Date("2024-07"), "2024-07-01");
  EXPECT_EQ(Date("2024-02-29"), "2024-02-29");
  EXPECT_EQ(Date("0001"), "0001-01-01");
}

TEST(DateTextTest, RefusesWhatIsNotInTheCalendar) {
  for (const char* text : {"", "0000", "24", "2024-", "2024-7", "2024-13", "2024-00", "2024-02-30", "2024-07-",
                           "20240701", "2024-07-01-01", "-2024", "2024/07"}) {
    EXPECT_FALSE(ReadDate(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace orewatch::filter
