// libFuzzer entry: tokens come from strangers, and the claims of signed ones from issuers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/auth/principal.h"
#include "common/auth/testing/signing_key.h"
#include "common/auth/token.h"

namespace {

using namespace orewatch::auth;  // NOLINT(google-build-using-namespace): a fuzzer has no other names.

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

void Check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const signer = new SigningKey(Algorithm::kEdDsa, "k");
  static const auto* const keys = new KeySet(*KeySet::Parse(JwkSetOf({*signer})));
  static const auto* const policy = new TokenPolicy{kTestIssuer, {kTestAudience}};
  const std::string text(data, data + size);
  // Nobody signs without the key.
  Check(!VerifyToken(text, *keys, *policy, kNow).ok());
  const auto verified = VerifyToken(signer->TokenOf(R"({"alg":"EdDSA","kid":"k"})", text), *keys, *policy, kNow);
  if (verified.ok()) {
    Check(IsPrincipal(verified->principal) && verified->expire_time > kNow);
  }
  (void)VerifyToken(signer->TokenOf(text, "{}"), *keys, *policy, kNow);
  return 0;
}
