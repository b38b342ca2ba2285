// Subject and baseline by turns: a machine differs from minute to minute.
#pragma once

#include <functional>

#include "absl/time/time.h"

namespace orewatch::bench {

struct Pair {
  double subject = 0;
  double baseline = 0;
};
// Of several rounds of two things that take turns: the round whose ratio is in the middle.
Pair MiddleOf(int rounds, const std::function<double()>& subject, const std::function<double()>& baseline);

double SecondsSince(absl::Time start);

}  // namespace orewatch::bench
