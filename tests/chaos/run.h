// How a run under attack is asked for: short in the test suite, long by scripts/soak, and again by its seed.
#pragma once

#include <cstdint>
#include <random>

namespace orewatch::testing {

// OREWATCH_SOAK is set.
bool Soaking();

// OREWATCH_SEED, else another one each time. Printed.
uint64_t SeedOfRun();

using Random = std::mt19937_64;

// Between the two, both included.
inline int64_t Between(int64_t least, int64_t most, Random& random) {
  return std::uniform_int_distribution<int64_t>(least, most)(random);
}
inline bool OneIn(int64_t times, Random& random) { return Between(1, times, random) == 1; }

}  // namespace orewatch::testing
