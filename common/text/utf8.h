// Characters of UTF-8 text. On other bytes the functions are safe and their answers of no use.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace orewatch {

// How many characters (code points) the text has.
size_t CountCharacters(absl::string_view text);

// The longest beginning of the text of at most `max_bytes` that ends between two characters.
absl::string_view CutToBytes(absl::string_view text, size_t max_bytes);

}  // namespace orewatch
