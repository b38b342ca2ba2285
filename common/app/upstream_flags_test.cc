#include "common/app/upstream_flags.h"

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "common/testing/matchers.h"
#include "common/time/clock.h"
#include "prometheus/registry.h"

ABSL_DECLARE_FLAG(bool, allow_unprotected_upstream);

namespace orewatch::app {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::testing::HasSubstr;

class UpstreamFlagsTest : public ::testing::Test {
 protected:
  absl::Status Upstream(const std::string& target, const rpc::Authorization& authorization) {
    return UpstreamFromFlags({clock_, metrics_, authorization}, {{"--registry_address", target}}).status();
  }

  const absl::FlagSaver saver_;
  const rpc::Authorization key_ = [] { return std::string("Bearer ow_abcd_secret"); };
  SystemClock clock_;
  prometheus::Registry metrics_;
};

TEST_F(UpstreamFlagsTest, AKeyGoesToNoOtherMachineInClearUnlessItIsSaidSo) {
  EXPECT_THAT(Upstream("127.0.0.1:7101", key_), IsOk());
  EXPECT_THAT(Upstream("dns:///localhost:7101", key_), IsOk());
  for (const char* away : {"192.0.2.2:7101", "dns:///registry:7101", "ipv4:127.0.0.1:7101,192.0.2.2:7101"}) {
    const absl::Status refused = Upstream(away, key_);
    EXPECT_THAT(refused, BlamesField("--registry_address")) << away;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("--allow_unprotected_upstream"));
  }
  absl::SetFlag(&FLAGS_allow_unprotected_upstream, true);
  EXPECT_THAT(Upstream("192.0.2.2:7101", key_), IsOk());
}

TEST_F(UpstreamFlagsTest, WhoeverHasNoKeyGivesNoneAway) {
  EXPECT_THAT(Upstream("192.0.2.2:7101", nullptr), IsOk());
  EXPECT_THAT(Upstream("192.0.2.2", nullptr), BlamesField("--registry_address"));
}

}  // namespace
}  // namespace orewatch::app
