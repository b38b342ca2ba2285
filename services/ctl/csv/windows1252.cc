#include "services/ctl/csv/windows1252.h"

#include <array>
#include <cstdint>

namespace orewatch::ctl {
namespace {

constexpr uint32_t kFirstOther = 0x80;
// Characters of the bytes from 0x80 to 0x9F, which Latin-1 leaves to control codes; 0: none.
constexpr std::array<uint32_t, 32> kOthers = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                              0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                              0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                              0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// Every character of the encoding lies below U+10000.
void Append(uint32_t character, std::string& text) {
  constexpr uint32_t kOneByte = 0x80;
  constexpr uint32_t kTwoBytes = 0x800;
  const auto byte = [&](uint32_t value) { text.push_back(static_cast<char>(value)); };
  if (character < kOneByte) {
    return byte(character);
  }
  if (character < kTwoBytes) {
    byte(0xC0U | (character >> 6U));
  } else {
    byte(0xE0U | (character >> 12U));
    byte(0x80U | ((character >> 6U) & 0x3FU));
  }
  byte(0x80U | (character & 0x3FU));
}

}  // namespace

absl::optional<std::string> Windows1252ToUtf8(absl::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    uint32_t character = static_cast<unsigned char>(c);
    if (character >= kFirstOther && character < kFirstOther + kOthers.size()) {
      character = kOthers.at(character - kFirstOther);
      if (character == 0) {
        return absl::nullopt;
      }
    }
    Append(character, text);
  }
  return text;
}

}  // namespace orewatch::ctl
