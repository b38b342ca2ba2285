#include "common/trace/trace.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orewatch {
namespace {

using ::testing::MatchesRegex;

constexpr char kId[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceTest, ContinuesATraceWithASpanOfItsOwn) {
  const TracePtr trace = ContinueTrace(kParent, "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
  EXPECT_EQ(trace->id, kId);
  EXPECT_EQ(trace->parent, "b7ad6b7169203331");
  EXPECT_THAT(std::string(trace->span), MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(trace->span, trace->parent);
  EXPECT_TRUE(trace->sampled);
  EXPECT_EQ(trace->state, "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
  EXPECT_EQ(Traceparent(*trace), std::string("00-") + kId + "-" + std::string(trace->span) + "-01");
}

TEST(TraceTest, BeginsANewTraceWhereTheHeaderIsMalformed) {
  const std::string valid = kParent;
  for (const std::string& malformed :
       {std::string(), std::string("x"), valid.substr(1), valid + "0", valid + "-what", "ff" + valid.substr(2),
        "0g" + valid.substr(2), std::string("00-00000000000000000000000000000000-b7ad6b7169203331-01"),
        std::string("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"),
        std::string("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"),
        std::string("00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01"),
        std::string("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x"), "01" + valid.substr(2) + "x",
        "01" + valid.substr(2) + "-" + std::string(1000, 'a')}) {
    EXPECT_FALSE(ParseTrace(malformed, "").has_value()) << malformed;
    const TracePtr trace = ContinueTrace(malformed, "a=b");
    EXPECT_TRUE(ParseTrace(Traceparent(*trace), "").has_value()) << malformed;
    EXPECT_NE(trace->id, kId) << malformed;
    EXPECT_EQ(trace->parent, "") << malformed;
    EXPECT_EQ(trace->state, "") << malformed;
  }
}

TEST(TraceTest, TakesWhatItKnowsOfALaterVersion) {
  const std::string later = "01" + std::string(kParent).substr(2);
  EXPECT_TRUE(ParseTrace(later, "").has_value());
  ASSERT_TRUE(ParseTrace(later + "-more", "").has_value());
  EXPECT_EQ(ParseTrace(later + "-more", "")->id, kId);
}

TEST(TraceTest, HandsOnTheFlagThatIsKnownAlone) {
  const std::string without = std::string(kParent).substr(0, 53);
  for (const auto& [flags, sampled] : {std::pair("00", false), std::pair("01", true), std::pair("02", false),
                                       std::pair("ff", true), std::pair("fe", false), std::pair("a3", true)}) {
    ASSERT_TRUE(ParseTrace(without + flags, "").has_value()) << flags;
    EXPECT_EQ(ParseTrace(without + flags, "")->sampled, sampled) << flags;
  }
}

TEST(TraceTest, KeysAndValuesOfAStateHaveTheirLimits) {
  const auto taken = [](const std::string& state) { return ParseTrace(kParent, state)->state == state; };
  const std::string longest(256, 'x');
  EXPECT_TRUE(taken(longest + "=1"));
  EXPECT_FALSE(taken(longest + "x=1"));
  EXPECT_TRUE(taken("a=" + longest));
  EXPECT_FALSE(taken("a=" + longest + "x"));
  EXPECT_TRUE(taken("1a@b=1"));
  for (const char* state : {"_a=1", "@a=1", "-=1", "*a=1", "/a=1"}) {
    EXPECT_FALSE(taken(state)) << state;
  }
}

TEST(TraceTest, LeavesOutAStateThatIsNone) {
  std::string many = "a=1";
  for (int i = 0; i < 32; ++i) {
    many += ",a=1";
  }
  for (const std::string& state : {std::string("novalue"), std::string("A=1"), std::string("=1"), std::string("a="),
                                   std::string("a=1\n"), std::string("a=b=c"), "a=" + std::string(600, 'x'), many}) {
    ASSERT_TRUE(ParseTrace(kParent, state).has_value()) << state;
    EXPECT_EQ(ParseTrace(kParent, state)->state, "") << state;
  }
  EXPECT_EQ(ParseTrace(kParent, "tenant@vendor=v/1, b=2,")->state, "tenant@vendor=v/1, b=2,");
}

TEST(TraceTest, BeginsTracesThatDiffer) {
  const TracePtr one = BeginTrace();
  EXPECT_TRUE(ParseTrace(Traceparent(*one), "").has_value());
  EXPECT_NE(one->id, BeginTrace()->id);
}

TEST(TraceScopeTest, LastsAsLongAsItLives) {
  EXPECT_EQ(TraceScope::Current(), nullptr);
  const TracePtr outer = BeginTrace();
  {
    const TraceScope scope(outer);
    {
      const TraceScope none(nullptr);
      EXPECT_EQ(TraceScope::Current(), nullptr);
    }
    EXPECT_EQ(TraceScope::Current(), outer);
  }
  EXPECT_EQ(TraceScope::Current(), nullptr);
}

}  // namespace
}  // namespace orewatch
