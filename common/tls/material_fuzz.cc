// libFuzzer entry: a certificate, a key or a bundle of authorities may be anything.
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/tls/material.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  const orewatch::tls::MaterialFiles files{"certificate", "key", "ca"};
  (void)orewatch::tls::CheckMaterial({text, text, text}, files, absl::FromUnixSeconds(1'800'000'000));
  (void)orewatch::tls::CheckMaterial({"", "", text}, files, absl::FromUnixSeconds(1'800'000'000));
  return 0;
}
