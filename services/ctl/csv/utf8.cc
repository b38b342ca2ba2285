#include "services/ctl/csv/utf8.h"

#include <cstddef>
#include <cstdint>

namespace orewatch::ctl {
namespace {

struct Form {
  uint32_t mask;
  uint32_t lead;
  size_t continuations;
  uint32_t smallest;
};

constexpr Form kForms[] = {
    {0x80, 0x00, 0, 0x0}, {0xE0, 0xC0, 1, 0x80}, {0xF0, 0xE0, 2, 0x800}, {0xF8, 0xF0, 3, 0x10000}};
constexpr uint32_t kLargest = 0x10FFFF;
constexpr uint32_t kFirstSurrogate = 0xD800;
constexpr uint32_t kLastSurrogate = 0xDFFF;

// Bytes taken by the character at the beginning; 0: malformed.
size_t CharacterLength(absl::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])); };
  for (const Form& form : kForms) {
    if ((at(0) & form.mask) != form.lead) {
      continue;
    }
    if (bytes.size() <= form.continuations) {
      return 0;
    }
    uint32_t character = at(0) & ~form.mask;
    for (size_t i = 1; i <= form.continuations; ++i) {
      if ((at(i) & 0xC0U) != 0x80U) {
        return 0;
      }
      character = (character << 6U) | (at(i) & 0x3FU);
    }
    const bool surrogate = character >= kFirstSurrogate && character <= kLastSurrogate;
    return character < form.smallest || character > kLargest || surrogate ? 0 : form.continuations + 1;
  }
  return 0;
}

}  // namespace

bool IsUtf8(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = CharacterLength(bytes);
    if (length == 0) {
      return false;
    }
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace orewatch::ctl
