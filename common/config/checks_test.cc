#include "common/config/checks.h"

#include <limits>

#include "common/config/target.h"
#include "common/testing/matchers.h"

namespace orewatch::config {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;

TEST(ChecksTest, SplitsAnAddress) {
  for (const auto& [text, host, port] : {std::tuple("127.0.0.1:7100", "127.0.0.1", 7100),
                                         {"[::1]:0", "[::1]", 0},
                                         {"localhost:65535", "localhost", 65535}}) {
    const auto parsed = ParseHostPort("--address", text);
    ASSERT_THAT(parsed, IsOk()) << text;
    EXPECT_EQ(parsed->host, host);
    EXPECT_EQ(parsed->port, port);
  }
}

TEST(ChecksTest, RefusesWhatIsNoAddress) {
  for (const char* bad : {"", "nowhere", ":7100", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:99999", "127.0.0.1:-1",
                          "127.0.0.1:http", "127.0.0.1:99999999999999999999"}) {
    EXPECT_THAT(ParseHostPort("--address", bad), BlamesField("--address")) << bad;
  }
}

TEST(ChecksTest, TakesTargetsAsGrpcDoesButForPortZero) {
  for (const char* good : {"127.0.0.1:7101", "dns:///registry:7101", "ipv4:10.0.0.1:7101,10.0.0.2:7101"}) {
    EXPECT_THAT(CheckTarget("--registry_address", good), IsOk()) << good;
  }
  for (const char* bad : {"", "registry", "127.0.0.1:0", "ipv4:10.0.0.1:7101,10.0.0.2", "127.0.0.1:99999"}) {
    EXPECT_THAT(CheckTarget("--registry_address", bad), BlamesField("--registry_address")) << bad;
  }
}

TEST(ChecksTest, OnlyAddressesOfThisMachineStayOnIt) {
  for (const char* here : {"127.0.0.1:7101", "localhost:7101", "[::1]:7101", "dns:///localhost:7101",
                           "ipv4:127.0.0.1:7101,127.0.0.2:7101", "ipv6:[::1]:7101", "unix:/run/orewatch.sock"}) {
    EXPECT_TRUE(StaysOnThisMachine(here)) << here;
  }
  for (const char* away : {"", "192.0.2.2:7101", "0.0.0.0:7101", "registry:7101", "dns:///registry:7101",
                           "localhost.example.org:7101", "127.example.org:7101", "ipv4:127.0.0.1:7101,10.0.0.1:7101",
                           "dns://10.0.0.1/localhost:7101", "ipv6:[2001:db8::1]:7101", "localhost"}) {
    EXPECT_FALSE(StaysOnThisMachine(away)) << away;
  }
}

TEST(ChecksTest, NumbersAndDurationsHaveBothEnds) {
  EXPECT_THAT(CheckBetween("--threads", 1, 1, 1024), IsOk());
  EXPECT_THAT(CheckBetween("--threads", 1024, 1, 1024), IsOk());
  EXPECT_THAT(CheckBetween("--threads", 0, 1, 1024), BlamesField("--threads"));
  EXPECT_THAT(CheckBetween("--threads", std::numeric_limits<int64_t>::max(), 1, 1024), BlamesField("--threads"));
  EXPECT_THAT(CheckDuration("--timeout", absl::ZeroDuration(), absl::Hours(1)), IsOk());
  EXPECT_THAT(CheckDuration("--timeout", absl::Seconds(-5), absl::Hours(1)), BlamesField("--timeout"));
  EXPECT_THAT(CheckDuration("--timeout", absl::InfiniteDuration(), absl::Hours(1)), BlamesField("--timeout"));
}

}  // namespace
}  // namespace orewatch::config
