// The encoding in which some publishers still give their tables.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace orewatch::ctl {

// The text as UTF-8; nothing if a byte stands for no character.
absl::optional<std::string> Windows1252ToUtf8(absl::string_view bytes);

}  // namespace orewatch::ctl
