// libFuzzer entry: names and page tokens come from callers. What is accepted is written as it was read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/registry/domain/resource_names.h"
#include "services/registry/engine/page_token.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  const auto name = orewatch::registry::ParseResourceName(text);
  if (name.ok() && name->ToString() != text) {
    std::abort();
  }
  const auto token = orewatch::registry::DecodePageToken(text);
  if (token.ok()) {
    const auto again = orewatch::registry::DecodePageToken(orewatch::registry::EncodePageToken(*token));
    if (!again.ok() || again->after_key != token->after_key || again->revision != token->revision) {
      std::abort();
    }
  }
  return 0;
}
