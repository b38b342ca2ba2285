// libFuzzer entry: a settings file may hold anything.
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/config/flags.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  (void)orewatch::config::ParseSettings(text);
  return 0;
}
