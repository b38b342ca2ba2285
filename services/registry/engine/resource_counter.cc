#include "services/registry/engine/resource_counter.h"

#include <algorithm>

#include "common/log/log.h"
#include "common/time/steady.h"

namespace orewatch::registry {
namespace {

constexpr absl::Duration kShortestPause = absl::Seconds(1);
// So that it takes a twentieth of a core at most.
constexpr int kPauseOverWork = 20;

}  // namespace

absl::Duration ResourceCounter::Count() {
  const int64_t head = store_.head();
  if (head == counted_) {
    return kShortestPause;
  }
  const absl::Time begin = SteadyNow();
  if (const auto counts = store_.CountEntries(); counts.ok()) {
    metrics_.SetResources(*counts);
    counted_ = head;
  } else {
    log::Warning("the entries could not be counted", {{"status", counts.status().ToString()}});
  }
  return std::max(kShortestPause, (SteadyNow() - begin) * kPauseOverWork);
}

}  // namespace orewatch::registry
