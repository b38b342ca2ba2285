// libFuzzer entry: tokens and names come from callers. A token that is accepted is one that we would make.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/alerting/api/converters.h"
#include "services/alerting/api/page_token.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  const auto position = orewatch::alerting::ReadPageToken("query", text);
  if (position.ok() &&
      !orewatch::alerting::ReadPageToken("query", orewatch::alerting::MakePageToken("query", *position)).ok()) {
    std::abort();
  }
  (void)orewatch::alerting::ParseRuleName("name", text);
  (void)orewatch::alerting::ParseAlertName("name", text);
  return 0;
}
