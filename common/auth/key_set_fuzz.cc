// libFuzzer entry: key sets come from the issuer's server, or from whoever answers in its place.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/auth/key_set.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto keys = orewatch::auth::KeySet::Parse(std::string(data, data + size));
  if (keys.ok() && keys->size() == 0) {
    std::abort();
  }
  return 0;
}
