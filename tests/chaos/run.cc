#include "tests/chaos/run.h"

#include <cstdlib>
#include <iostream>

#include "absl/strings/numbers.h"

namespace orewatch::testing {

bool Soaking() { return std::getenv("OREWATCH_SOAK") != nullptr; }

uint64_t SeedOfRun() {
  const char* given = std::getenv("OREWATCH_SEED");
  uint64_t seed = 0;
  if (given == nullptr || !absl::SimpleAtoi(given, &seed)) {
    seed = std::random_device()();
  }
  std::cout << "seed: OREWATCH_SEED=" << seed << "\n";
  return seed;
}

}  // namespace orewatch::testing
