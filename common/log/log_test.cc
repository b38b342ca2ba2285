#include "common/log/log.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <functional>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/trace/trace.h"
#include "gmock/gmock.h"

namespace orewatch::log {
namespace {

// What is written to standard error meanwhile.
std::string Written(const std::function<void()>& body) {
  Flush();
  ::testing::internal::CaptureStderr();
  body();
  EXPECT_TRUE(Flush());
  return ::testing::internal::GetCapturedStderr();
}

TEST(LogTest, WritesOneJsonObjectALine) {
  const std::string text = Written([] {
    Info("it \"happened\"\n", {{"count", 3}, {"share", 0.5}, {"sure", true}, {"who", "a\tb"}});
    Warning("again");
  });
  ASSERT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  const auto line = nlohmann::json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(line["msg"], "it \"happened\"\n");
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["count"], 3);
  EXPECT_EQ(line["share"], 0.5);
  EXPECT_EQ(line["sure"], true);
  EXPECT_EQ(line["who"], "a\tb");
  EXPECT_TRUE(line.contains("ts"));
}

TEST(LogTest, WritesTheTimeInUtcWithItsFraction) {
  for (int i = 0; i < 3; ++i) {
    const absl::Time before = absl::Now();
    const auto line = nlohmann::json::parse(Written([] { Info("now"); }));
    absl::Time written;
    std::string error;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, line["ts"].get<std::string>(), &written, &error)) << error;
    EXPECT_GE(written, before);
    EXPECT_LE(written, absl::Now());
  }
}

TEST(LogTest, SaysOfWhichTraceALineIs) {
  const TracePtr trace = BeginTrace();
  const auto line = nlohmann::json::parse(Written([&] {
    const TraceScope scope(trace);
    Info("within");
  }));
  EXPECT_EQ(line["trace_id"], std::string(trace->id));
  EXPECT_FALSE(nlohmann::json::parse(Written([] { Info("without"); })).contains("trace_id"));
}

TEST(LogTest, TakesBytesThatAreNoText) {
  const std::string text = Written([] { Error("\xff\xfe", {{"k", "\x80"}}); });
  EXPECT_TRUE(nlohmann::json::accept(text)) << text;
}

TEST(LogTest, ALineIsBoundedAndStillJson) {
  const std::string text = Written([] {
    Error(std::string(100'000, 'm'),
          {{"long", std::string(5'000'000, 'x')}, {"quotes", std::string(100'000, '"')}, {"number", int64_t{7}}});
  });
  EXPECT_LE(text.size(), 8300U);
  const auto line = nlohmann::json::parse(text);
  EXPECT_EQ(line["long"], std::string(4096, 'x'));
  EXPECT_FALSE(line.contains("quotes"));
  EXPECT_EQ(line["number"], 7);
  EXPECT_EQ(line["cut"], true);
}

TEST(LogTest, WritesNothingBelowItsLevelAndCountsWhatItWrites) {
  const int64_t before = LinesWritten(Level::kInfo);
  SetLevel(Level::kWarning);
  EXPECT_EQ(Written([] { Info("quiet"); }), "");
  EXPECT_EQ(LinesWritten(Level::kInfo), before);
  SetLevel(Level::kInfo);
  Written([] { Info("loud"); });
  EXPECT_EQ(LinesWritten(Level::kInfo), before + 1);
}

TEST(LogTest, SaysLastWhatIsSaidLast) {
  const std::string text = Written([] {
    Info("before");
    WriteLast("error: it cannot be");
  });
  EXPECT_THAT(text, ::testing::EndsWith("\"}\nerror: it cannot be\n"));
}

// What a process that ends by `end` says.
void ExpectLastLine(const std::function<void()>& end) {
  // A child of fork() has none of its parent's threads.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        FlushOnFatalSignals();
        for (int i = 0; i < 1000; ++i) {
          Error("the last word", {{"number", i}});
        }
        end();
      },
      [](int /*status*/) { return true; }, "\"number\":999");
}

TEST(LogDeathTest, IsCompleteWhenAProcessEnds) {
  ExpectLastLine([] { std::exit(0); });
  ExpectLastLine([] { std::abort(); });
  ExpectLastLine([] { std::terminate(); });
}

TEST(LogTest, KnowsItsLevelsByName) {
  Level level{};
  for (const char* name : {"debug", "info", "warning", "error"}) {
    EXPECT_TRUE(ParseLevel(name, level)) << name;
  }
  EXPECT_FALSE(ParseLevel("loud", level));
}

}  // namespace
}  // namespace orewatch::log
