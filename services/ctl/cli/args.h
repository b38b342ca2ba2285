// The words of a command line, before anyone asks what they mean.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace orewatch::ctl {

// Positional words in order, and flags by their full names in order.
struct Args {
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::string>> flags;
};

// An error in what the user typed: INVALID_ARGUMENT with reason USAGE, exit code 2.
absl::Status UsageError(absl::string_view message);
bool IsUsageError(const absl::Status& status);

// Splits the words after the program's name. Flags may stand anywhere: `--name=value`, `--name value`, `--name` and
// `--noname` for switches, dashes for underscores, `-o x`, `-ox`, `-f x`, `-h`; `--` ends them and `-` is a word.
// `is_switch` says whether a flag is one, and nothing for a name that is no flag. Usage errors only.
absl::StatusOr<Args> ParseArgs(const std::vector<std::string>& words,
                               absl::FunctionRef<absl::optional<bool>(absl::string_view name)> is_switch);

}  // namespace orewatch::ctl
