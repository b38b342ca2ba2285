// The names of callers.
#pragma once

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace orewatch::auth {

// 1 to 128 visible ASCII characters.
inline bool IsPrincipal(absl::string_view text) {
  constexpr size_t kMaxBytes = 128;
  return !text.empty() && text.size() <= kMaxBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// What nobody is but by an entry of the access file that says so: services of ours, and those who prove nothing.
inline bool IsReserved(absl::string_view principal) {
  return absl::StartsWith(principal, "orewatch") || principal == "anonymous";
}

}  // namespace orewatch::auth
