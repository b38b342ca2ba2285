// Settings come from flags, the environment and a file, in that order of precedence.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orewatch::config {

// One `name: value` of a settings file.
struct Setting {
  std::string name;
  std::string value;
};

// Reads a textproto whose fields are flag names, e.g. `address: "0.0.0.0:7101"  max_in_flight: 500`. Values are
// strings, numbers, booleans or identifiers; no nesting. INVALID_ARGUMENT with the line of what is wrong.
absl::StatusOr<std::vector<Setting>> ParseSettings(absl::string_view text);

// What --help and --version print. --help lists every flag of ours and exits with 1, as absl has it.
void DescribeProgram(const std::string& usage, const std::string& version);

// Sets every absl flag: first from `--config <file>`, then from OREWATCH_<FLAG> in the environment, last from argv.
// On a bad value, or a flag that there is not, prints one line that names it to standard error and exits with 2.
// Returns the positional arguments.
std::vector<std::string> ParseCommandLine(int argc, char** argv);

// Where the value of a flag comes from since ParseCommandLine: `default`, `flag`, the variable or the path of the file.
std::string OriginOf(absl::string_view flag);

}  // namespace orewatch::config
