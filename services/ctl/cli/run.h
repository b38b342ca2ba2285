// From the command line to an exit code.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"

namespace orewatch::ctl {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
// What came was printed, and is not all: a section of the answer could not be fetched.
inline constexpr int kExitPartial = 3;

// Where a run reads and writes.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  // `err` is a terminal.
  bool progress = false;
};

// Runs one command. `words` are those after the program's name. Not thread-safe, and flags keep
// their values: who runs twice needs an absl::FlagSaver around each.
int Run(const std::vector<std::string>& words, absl::FunctionRef<const char*(const char*)> environment,
        const Streams& streams);

}  // namespace orewatch::ctl
