// libFuzzer entry: names, page tokens and search queries come from callers. What is accepted is written as it was read,
// and no token is accepted that was not made here.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/seal/page_token.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/search_terms.h"

namespace orewatch::registry {
namespace {

constexpr char kQuery[] = "a query";
constexpr char kSecret[] = "a secret";
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

void Expect(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void CheckName(const std::string& text) {
  const auto name = ParseResourceName(text);
  Expect(!name.ok() || name->ToString() == text);
}

void CheckToken(const std::string& text) {
  Expect(!DecodePageToken(text, kQuery, kSecret, kNow).ok());
  const PageToken token{"a-lineage", static_cast<int64_t>(text.size()), kNow + kPageTokenLife, text};
  const std::string encoded = EncodePageToken(token, kQuery, kSecret);
  const auto decoded = DecodePageToken(encoded, kQuery, kSecret, kNow);
  Expect(decoded.ok() && decoded->position == text && decoded->revision == token.revision);
  Expect(!DecodePageToken(encoded, text, kSecret, kNow).ok() || text == kQuery);
  Expect(!DecodePageToken(encoded, kQuery, text, kNow).ok() || text == kSecret);
  Expect(!DecodePageToken(encoded, kQuery, kSecret, token.expires).ok());
}

void CheckSearch(const std::string& text) {
  const auto terms = ParseSearchQuery(text);
  Expect(!terms.ok() || !terms->empty());
}

}  // namespace
}  // namespace orewatch::registry

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  orewatch::registry::CheckName(text);
  orewatch::registry::CheckToken(text);
  orewatch::registry::CheckSearch(text);
  return 0;
}
