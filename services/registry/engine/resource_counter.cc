#include "services/registry/engine/resource_counter.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/log/log.h"

namespace orewatch::registry {
namespace {

constexpr absl::Duration kShortestPause = absl::Seconds(1);
// So that it takes a twentieth of a core at most.
constexpr int kPauseOverWork = 20;

}  // namespace

ResourceCounter::ResourceCounter(RegistryStore& store, RegistryMetrics& metrics)
    : store_(store), metrics_(metrics), thread_([this] { CountUntilStopped(); }) {}

ResourceCounter::~ResourceCounter() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  thread_.join();
}

void ResourceCounter::CountUntilStopped() {
  constexpr int64_t kNever = -1;
  for (int64_t counted = kNever;;) {
    const int64_t head = store_.head();
    absl::Duration pause = kShortestPause;
    if (head != counted) {
      const absl::Time begin = absl::Now();
      if (const auto counts = store_.CountEntries(); counts.ok()) {
        metrics_.SetResources(*counts);
        counted = head;
      } else {
        log::Warning("the entries could not be counted", {{"status", counts.status().ToString()}});
      }
      pause = std::max(pause, (absl::Now() - begin) * kPauseOverWork);
    }
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopped_), pause)) {
      return;
    }
  }
}

}  // namespace orewatch::registry
