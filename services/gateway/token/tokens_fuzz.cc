// Tokens are what callers make of them: none may crash, and what is taken is told again as it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/gateway/token/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace orewatch::gateway;  // NOLINT(google-build-using-namespace)
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto position = FeedPositionOf(text); position.ok()) {
    const auto again = FeedPositionOf(TokenOf(*position));
    if (!again.ok() || again->SerializeAsString() != position->SerializeAsString()) {
      std::abort();
    }
  }
  if (const auto position = SearchPositionOf(text, "");
      position.ok() && !SearchPositionOf(TokenOf(*position), "").ok()) {
    std::abort();
  }
  return 0;
}
