#include "common/rpc/call_lines.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "gmock/gmock.h"

namespace orewatch::rpc {
namespace {

using log::Level;

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

RefusalCounter::Sum Refused(const std::string& peer) {
  RefusalCounter::Sum call;
  call.caller = peer;
  call.reason = "NO_CREDENTIAL";
  call.code = "Unauthenticated";
  call.method = "Service/Method";
  return call;
}

std::vector<nlohmann::json> LinesOf(const std::function<void()>& body) {
  log::Flush();
  ::testing::internal::CaptureStderr();
  body();
  log::Flush();
  std::istringstream text(::testing::internal::GetCapturedStderr());
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(text, line);) {
    lines.push_back(nlohmann::json::parse(line));
  }
  return lines;
}

TEST(CallLinesTest, TellsTheFirstFewOfAPeerAndSumsTheRest) {
  int told = 0;
  const auto lines = LinesOf([&] {
    CallLines calls;
    for (int i = 0; i < 8000; ++i) {
      told += calls.Tell(Level::kInfo, Refused("10.0.0.1"), kStart + absl::Milliseconds(i)) ? 1 : 0;
    }
    EXPECT_TRUE(calls.Tell(Level::kInfo, Refused("10.0.0.2"), kStart));
  });
  EXPECT_EQ(told, 20);
  ASSERT_EQ(lines.size(), 1);
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["count"], 7980);
  EXPECT_EQ(lines[0]["peer"], "10.0.0.1");
  EXPECT_EQ(lines[0]["reason"], "NO_CREDENTIAL");
  EXPECT_EQ(lines[0]["code"], "Unauthenticated");
  EXPECT_EQ(lines[0]["since"], "2023-11-14T22:13:20.02+00:00");
}

TEST(CallLinesTest, RefusalsLeaveRoomForFaults) {
  const auto lines = LinesOf([] {
    CallLines calls;
    for (int peer = 0; peer < 1000; ++peer) {
      calls.Tell(Level::kInfo, Refused("10.0.1." + std::to_string(peer)), kStart);
    }
    EXPECT_TRUE(calls.Tell(Level::kWarning, Refused("10.0.0.1"), kStart));
  });
  int64_t counted = 0;
  for (const auto& line : lines) {
    counted += line["count"].get<int64_t>();
  }
  EXPECT_EQ(counted, 900);
}

TEST(CallLinesTest, SumsAreWrittenWhileItRuns) {
  RefusalCounter::Options options;
  options.singly = 1;
  options.interval = absl::Milliseconds(10);
  CallLines calls(options);
  const auto before = log::LinesWritten(Level::kWarning);
  for (int i = 0; i < 3; ++i) {
    calls.Tell(Level::kWarning, Refused("10.0.0.1"), kStart);
  }
  while (log::LinesWritten(Level::kWarning) == before) {
    std::this_thread::yield();
  }
}

}  // namespace
}  // namespace orewatch::rpc
