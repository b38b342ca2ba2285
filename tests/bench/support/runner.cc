#include "tests/bench/support/runner.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "gtest/gtest.h"
#include "tests/bench/support/echo.h"

ABSL_FLAG(bool, quick, false, "Small and short: shows that everything runs, not how fast.");
ABSL_FLAG(std::vector<std::string>, only, {}, "Names of what to measure; all by default.");
ABSL_FLAG(int, rounds, 0, "Rounds whose median counts; 0: one if quick, else five.");
ABSL_FLAG(int, serve_echo, 0, "Serves the bare echo on a port instead; for the program itself.");

namespace orewatch::bench {
namespace {

constexpr int kUsageError = 2;

Effort ChosenEffort() {
  Effort effort;
  if (absl::GetFlag(FLAGS_quick)) {
    effort = {1, absl::Milliseconds(200), true};
  }
  const int rounds = absl::GetFlag(FLAGS_rounds);
  effort.rounds = rounds > 0 ? rounds : effort.rounds;
  return effort;
}

// A ratio beyond it means that something else was measured than was meant.
bool Sane(const Figure& figure) {
  constexpr double kFar = 1000;
  return std::isfinite(figure.value) && figure.value != 0 &&
         (!figure.compared() || (figure.ratio() > 1 / kFar && figure.ratio() < kFar));
}

bool Chosen(const std::string& name) {
  const std::vector<std::string> only = absl::GetFlag(FLAGS_only);
  return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
}

int Run(const Measures& measures) {
  const Effort effort = ChosenEffort();
  std::vector<Figure> figures;
  for (const auto& [name, measure] : measures) {
    if (Chosen(name)) {
      std::fprintf(stderr, "measuring %s ...\n", name.c_str());
      const auto measured = measure(effort);
      figures.insert(figures.end(), measured.begin(), measured.end());
    }
  }
  std::printf("%s", TableOf(figures).c_str());
  for (const Figure& figure : figures) {
    if (!Sane(figure)) {
      std::fprintf(stderr, "no sane figure: %s\n", figure.name.c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace

int RunBench(int argc, char** argv, const std::string& usage, const Measures& measures) {
  absl::SetProgramUsageMessage(usage);
  // A subject that does not start ends the run.
  testing::FLAGS_gtest_throw_on_failure = true;
  testing::InitGoogleTest();
  if (absl::ParseCommandLine(argc, argv).size() > 1) {
    std::fprintf(stderr, "unexpected argument\n");
    return kUsageError;
  }
  if (const int port = absl::GetFlag(FLAGS_serve_echo); port > 0) {
    return ServeEcho(port);
  }
  return Run(measures);
}

}  // namespace orewatch::bench
