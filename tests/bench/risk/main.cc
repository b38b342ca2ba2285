// risk_bench: what risk costs beside the least that would do the same, as ratios of one run.
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/numbers.h"
#include "tests/bench/risk/measures.h"
#include "tests/bench/support/die.h"

ABSL_FLAG(std::vector<std::string>, chain_facilities, {},
          "How many facilities chains have, one size after the other; none: 10,000 and 100,000, or 1,000 if quick.");

namespace orewatch::bench {
namespace {

std::vector<int> ChainSizes(const Effort& effort) {
  std::vector<int> sizes;
  for (const std::string& text : absl::GetFlag(FLAGS_chain_facilities)) {
    constexpr int kLeast = 100;
    if (!absl::SimpleAtoi(text, &sizes.emplace_back()) || sizes.back() < kLeast) {
      Die("--chain_facilities takes numbers of at least 100");
    }
  }
  if (sizes.empty()) {
    sizes = effort.quick ? std::vector{1000} : std::vector{10'000, 100'000};
  }
  return sizes;
}

}  // namespace
}  // namespace orewatch::bench

int main(int argc, char** argv) {
  using namespace orewatch::bench;
  return RunBench(argc, argv, "Measures orewatch-risk; docs/performance.md explains the table.",
                  {{"geopolrisk", MeasureGeoPolRiskRows},
                   {"calls", MeasureScoreCalls},
                   {"changes", MeasureScoreChanges},
                   {"chain", [](const Effort& effort) { return MeasureChainChanges(effort, ChainSizes(effort)); }}});
}
