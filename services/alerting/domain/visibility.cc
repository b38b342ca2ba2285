#include "services/alerting/domain/visibility.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace orewatch::alerting {

bool Visibility::Admits(absl::string_view principal) const {
  return AdmitsWriter(principal) || std::find(readers.begin(), readers.end(), principal) != readers.end();
}

bool Visibility::AdmitsAllOf(const Visibility& other) const {
  const auto admitted = [&](const std::string& reader) { return Admits(reader); };
  return Public() ||
         (!other.Public() && Admits(other.owner) && std::all_of(other.readers.begin(), other.readers.end(), admitted));
}

bool IsPrincipal(absl::string_view text) {
  constexpr size_t kMaxBytes = 128;
  return !text.empty() && text.size() <= kMaxBytes && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
}

}  // namespace orewatch::alerting
