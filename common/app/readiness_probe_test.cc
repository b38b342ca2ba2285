#include "common/app/readiness_probe.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/http/admin_server.h"
#include "common/testing/matchers.h"

namespace orewatch::app {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::testing::Not;

TEST(ReadinessProbeTest, SaysWhatTheProcessSays) {
  bool ready = false;
  const auto admin = http::AdminServer::Start("127.0.0.1:0", {{}, [] { return true; }, [&ready] { return ready; }});
  ASSERT_THAT(admin, IsOk());
  const std::string port = absl::StrCat((*admin)->port());
  EXPECT_EQ(AskReadiness("127.0.0.1:" + port).message(), "not ready: HTTP 503 not ok");
  ready = true;
  for (const char* host : {"127.0.0.1:", "localhost:", "0.0.0.0:", "*:"}) {
    EXPECT_THAT(AskReadiness(host + port), IsOk()) << host;
  }
}

TEST(ReadinessProbeTest, NobodyThereIsNotReady) {
  std::string port;
  {
    const auto gone = http::AdminServer::Start("127.0.0.1:0", {{}, [] { return true; }, [] { return true; }});
    ASSERT_THAT(gone, IsOk());
    port = absl::StrCat((*gone)->port());
  }
  EXPECT_THAT(AskReadiness("127.0.0.1:" + port), Not(IsOk()));
}

TEST(ReadinessProbeTest, AnAddressThatIsNoneIsNamed) {
  EXPECT_THAT(AskReadiness("9100"), BlamesField("--admin_address"));
}

}  // namespace
}  // namespace orewatch::app
