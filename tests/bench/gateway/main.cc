// gateway_bench: what the gateway costs beside the least that would do the same, as ratios of one run.
#include "tests/bench/gateway/measures.h"

int main(int argc, char** argv) {
  using namespace orewatch::bench;
  return RunBench(argc, argv, "Measures orewatch-gateway; docs/performance.md explains the table.",
                  {{"briefs", MeasureBriefs}, {"added", MeasureAddedTime}});
}
