// Whether bytes are text. Protobuf strings must be UTF-8, and a file in another encoding should be refused by line.
#pragma once

#include "absl/strings/string_view.h"

namespace orewatch::ctl {

// What some programs write before a text to say that it is UTF-8.
inline constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// True if the bytes are well-formed UTF-8 after RFC 3629: shortest form, no surrogates, at most U+10FFFF.
bool IsUtf8(absl::string_view bytes);

}  // namespace orewatch::ctl
