#include "common/text/utf8.h"

#include <algorithm>

namespace orewatch {
namespace {

bool BeginsCharacter(char byte) {
  constexpr unsigned char kMask = 0xC0;
  constexpr unsigned char kContinuation = 0x80;
  return (static_cast<unsigned char>(byte) & kMask) != kContinuation;
}

}  // namespace

size_t CountCharacters(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), BeginsCharacter));
}

absl::string_view CutToBytes(absl::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) {
    return text;
  }
  size_t end = max_bytes;
  while (end > 0 && !BeginsCharacter(text[end])) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace orewatch
