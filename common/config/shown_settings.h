// The settings of a running process, for people and for comparison.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orewatch::config {

struct ShownSetting {
  std::string name;
  // Without secrets.
  std::string value;
  // See OriginOf.
  std::string origin;
};

// Every flag of ours, by name.
std::vector<ShownSetting> ShowSettings();

// The value without what could be a secret in it: the password of a URL or of a connection string, and all of a flag
// whose name ends as those of secrets do. Files that hold secrets are named, which is none.
std::string MaskSecrets(absl::string_view name, absl::string_view value);

// A number below 2^48 that is the same where all settings are, but for those of a process's own place, such as its
// address and its folders.
int64_t HashSettings();

}  // namespace orewatch::config
