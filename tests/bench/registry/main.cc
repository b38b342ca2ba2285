// registry_bench: what the registry costs beside the least that would do the same, as ratios of one run.
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "tests/bench/registry/measures.h"

ABSL_FLAG(std::string, engine, "sqlite", "Engine of the registry's store: sqlite or postgres.");
ABSL_FLAG(int64_t, facilities, 0, "How many are many; 0: as the scale has it.");

namespace orewatch::bench {
namespace {

Scale ScaleOf(const Effort& effort) {
  Scale scale = effort.quick ? QuickScale() : Scale();
  scale.rounds = effort.rounds;
  scale.span = effort.span;
  if (const int64_t facilities = absl::GetFlag(FLAGS_facilities); facilities > 0) {
    scale.many_facilities = facilities;
  }
  return scale;
}

using Measure = std::vector<Figure> (*)(const std::string& engine, const Scale& scale);

Measures AllMeasures() {
  Measures measures;
  for (const auto& [name, measure] : std::vector<std::pair<std::string, Measure>>{{"get", &MeasureGet},
                                                                                  {"writes", &MeasureWrites},
                                                                                  {"import", &MeasureImport},
                                                                                  {"watch", &MeasureWatch},
                                                                                  {"lists", &MeasureLists}}) {
    measures.emplace_back(name, [measure = measure](const Effort& effort) {
      return measure(absl::GetFlag(FLAGS_engine), ScaleOf(effort));
    });
  }
  return measures;
}

}  // namespace
}  // namespace orewatch::bench

int main(int argc, char** argv) {
  return orewatch::bench::RunBench(argc, argv, "Measures orewatch-registry; docs/performance.md explains the table.",
                                   orewatch::bench::AllMeasures());
}
