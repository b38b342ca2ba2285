// The command line of a benchmark: --quick, --only, --rounds, and the table at the end.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/support/report.h"

namespace orewatch::bench {

// How much is measured.
struct Effort {
  // Whose median counts.
  int rounds = 5;
  // Of one rate.
  absl::Duration span = absl::Seconds(1);
  // Small and short: shows that everything runs, not how fast.
  bool quick = false;
};

// In the order in which they run.
using Measures = std::vector<std::pair<std::string, std::function<std::vector<Figure>(const Effort&)>>>;

// What `main` returns. Further flags are the program's own.
int RunBench(int argc, char** argv, const std::string& usage, const Measures& measures);

}  // namespace orewatch::bench
