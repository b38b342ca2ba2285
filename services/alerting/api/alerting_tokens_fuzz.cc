// libFuzzer entry: tokens and names come from callers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/seal/page_token.h"
#include "services/alerting/api/converters.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  // Nobody can make a token without the secret.
  if (orewatch::DecodePageToken(text, "query", "secret", absl::UnixEpoch()).ok()) {
    std::abort();
  }
  (void)orewatch::alerting::ParseRuleName("name", text);
  (void)orewatch::alerting::ParseAlertName("name", text);
  return 0;
}
