#include "tests/bench/support/rounds.h"

#include <algorithm>
#include <vector>

#include "absl/time/clock.h"

namespace orewatch::bench {

Pair MiddleOf(int rounds, const std::function<double()>& subject, const std::function<double()>& baseline) {
  std::vector<Pair> pairs;
  for (int i = 0; i < rounds; ++i) {
    const double first = baseline();
    pairs.push_back({subject(), first});
  }
  const auto middle = pairs.begin() + rounds / 2;
  std::nth_element(pairs.begin(), middle, pairs.end(), [](const Pair& one, const Pair& other) {
    return one.subject * other.baseline < other.subject * one.baseline;
  });
  return *middle;
}

double SecondsSince(absl::Time start) { return absl::ToDoubleSeconds(absl::Now() - start); }

}  // namespace orewatch::bench
