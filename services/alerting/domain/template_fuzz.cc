// Any text is parsed or refused with a reason; what is parsed renders, and without its fields is no longer than it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "services/alerting/domain/template.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  std::string error;
  const auto parsed = orewatch::alerting::Template::Parse(text, error);
  if (!parsed.has_value()) {
    if (error.empty()) {
      std::abort();
    }
    return 0;
  }
  const std::string rendered = parsed->Render([](orewatch::alerting::Field) { return std::string(); });
  if (rendered.size() > text.size()) {
    std::abort();
  }
  return 0;
}
