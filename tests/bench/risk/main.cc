// risk_bench: what risk costs beside the least that would do the same, as ratios of one run.
#include "tests/bench/risk/measures.h"

int main(int argc, char** argv) {
  using namespace orewatch::bench;
  return RunBench(
      argc, argv, "Measures orewatch-risk; docs/performance.md explains the table.",
      {{"geopolrisk", MeasureGeoPolRiskRows}, {"calls", MeasureScoreCalls}, {"changes", MeasureScoreChanges}});
}
