// libFuzzer entry: access files are written by people, and credentials come from strangers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/auth/access_table.h"
#include "common/auth/api_key.h"
#include "google/protobuf/stubs/logging.h"

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  (void)orewatch::auth::AccessTable::Parse(text);
  if (const auto key = orewatch::auth::ParseApiKey(text); key.has_value() && key->id.empty()) {
    std::abort();
  }
  return 0;
}
