// registry_bench: what the registry costs beside the least that would do the same, as ratios of one run.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "gtest/gtest.h"
#include "tests/bench/registry/echo.h"
#include "tests/bench/registry/measures.h"

ABSL_FLAG(bool, quick, false, "Small and short: shows that everything runs, not how fast.");
ABSL_FLAG(std::string, engine, "sqlite", "Engine of the registry's store: sqlite or postgres.");
ABSL_FLAG(std::vector<std::string>, only, {}, "Of get, writes, import, watch and lists; all by default.");
ABSL_FLAG(int, rounds, 0, "Rounds whose median counts; 0: as the scale has it.");
ABSL_FLAG(int64_t, facilities, 0, "How many are many; 0: as the scale has it.");
ABSL_FLAG(int, serve_echo, 0, "Serves the bare echo on a port instead; for the program itself.");

namespace orewatch::bench {
namespace {

constexpr int kUsageError = 2;

using Measure = std::vector<Figure> (*)(const std::string& engine, const Scale& scale);
const std::vector<std::pair<std::string, Measure>>& Measures() {
  static const auto* measures = new std::vector<std::pair<std::string, Measure>>{{"get", &MeasureGet},
                                                                                 {"writes", &MeasureWrites},
                                                                                 {"import", &MeasureImport},
                                                                                 {"watch", &MeasureWatch},
                                                                                 {"lists", &MeasureLists}};
  return *measures;
}

Scale ChosenScale() {
  Scale scale = absl::GetFlag(FLAGS_quick) ? QuickScale() : Scale();
  if (const int rounds = absl::GetFlag(FLAGS_rounds); rounds > 0) {
    scale.rounds = rounds;
  }
  if (const int64_t facilities = absl::GetFlag(FLAGS_facilities); facilities > 0) {
    scale.many_facilities = facilities;
  }
  return scale;
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

int Run() {
  const Scale scale = ChosenScale();
  std::vector<Figure> figures;
  for (const auto& [name, measure] : Measures()) {
    if (Chosen(name)) {
      std::fprintf(stderr, "measuring %s ...\n", name.c_str());
      const auto measured = measure(absl::GetFlag(FLAGS_engine), scale);
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
}  // namespace orewatch::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Measures orewatch-registry; docs/performance.md explains the table.");
  // A subject that does not start ends the run.
  testing::FLAGS_gtest_throw_on_failure = true;
  testing::InitGoogleTest();
  if (absl::ParseCommandLine(argc, argv).size() > 1) {
    std::fprintf(stderr, "unexpected argument\n");
    return orewatch::bench::kUsageError;
  }
  if (const int port = absl::GetFlag(FLAGS_serve_echo); port > 0) {
    return orewatch::bench::ServeEcho(port);
  }
  return orewatch::bench::Run();
}
