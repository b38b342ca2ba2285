#include "common/app/protection.h"

#include "common/testing/matchers.h"

namespace orewatch::app {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::testing::HasSubstr;

constexpr char kFlag[] = "--allow_unprotected";

absl::Status Check(const std::string& address, const Protection& protection = {}, bool allowed = false) {
  return CheckProtected("--address", address, protection, allowed, kFlag);
}

TEST(ProtectionTest, LoopbackNeedsNone) {
  for (const char* address :
       {"127.0.0.1:7100", "127.8.9.10:7100", "[::1]:7100", "[::ffff:127.0.0.1]:7100", "localhost:7100"}) {
    EXPECT_THAT(Check(address), IsOk()) << address;
  }
}

TEST(ProtectionTest, WhatOthersCanReachNeedsBothOrTheFlag) {
  for (const char* address : {"0.0.0.0:7100", "[::]:7100", "*:7100", "10.0.0.1:7100", "128.0.0.1:7100", "registry:7100",
                              "localhost.example.org:7100", "[::2]:7100", "127.0.0.1.example.org:7100"}) {
    EXPECT_THAT(Check(address), BlamesField("--address")) << address;
    EXPECT_THAT(Check(address, {.tls = true}), BlamesField("--address")) << address;
    EXPECT_THAT(Check(address, {.authentication = true}), BlamesField("--address")) << address;
    EXPECT_THAT(Check(address, {.tls = true, .authentication = true}), IsOk()) << address;
    EXPECT_THAT(Check(address, {}, /*allowed=*/true), IsOk()) << address;
  }
}

TEST(ProtectionTest, TheRefusalSaysWhatIsMissingAndWhatAllowsIt) {
  const std::string neither(Check("0.0.0.0:7100").message());
  EXPECT_THAT(neither, HasSubstr("TLS (--tls_certificate, --tls_key) and authentication"));
  EXPECT_THAT(neither, HasSubstr(kFlag));
  EXPECT_THAT(std::string(Check("0.0.0.0:7100", {.tls = true}).message()), HasSubstr("lacks authentication;"));
}

}  // namespace
}  // namespace orewatch::app
