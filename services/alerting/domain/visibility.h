// Who may know of a rule and its alerts.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orewatch::alerting {

// Public while it has no owner; else for its owner and its readers alone. What one may not read is for him as if it did
// not exist.
struct Visibility {
  std::string owner;
  std::vector<std::string> readers;

  bool Public() const { return owner.empty(); }
  bool Admits(absl::string_view principal) const;
  // Whether a principal may change what has this visibility.
  bool AdmitsWriter(absl::string_view principal) const { return Public() || owner == principal; }

  // Whether everybody who may read what has the other visibility may read this, too.
  bool AdmitsAllOf(const Visibility& other) const;

  friend bool operator==(const Visibility&, const Visibility&) = default;
};

// Further principals that may read a thing.
inline constexpr size_t kMaxReaders = 100;

// Whether a text can name a caller: 1 to 128 visible ASCII characters.
bool IsPrincipal(absl::string_view text);

}  // namespace orewatch::alerting
