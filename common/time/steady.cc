#include "common/time/steady.h"

#include <chrono>

namespace orewatch {
namespace {

using Steady = std::chrono::steady_clock;

struct Start {
  absl::Time wall = absl::Now();
  Steady::time_point steady = Steady::now();
};

}  // namespace

absl::Time SteadyNow() {
  static const Start start;
  return start.wall + absl::FromChrono(Steady::now() - start.steady);
}

}  // namespace orewatch
