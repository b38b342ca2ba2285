// Keeps count of what the registry holds.
#pragma once

#include <cstdint>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/registry/engine/registry_metrics.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Counts anew on a thread of its own when there is a new revision, as seldom as that costs little. Thread-safe; both
// outlive it.
class ResourceCounter {
 public:
  ResourceCounter(RegistryStore& store, RegistryMetrics& metrics);
  ~ResourceCounter();

 private:
  void CountUntilStopped();

  RegistryStore& store_;
  RegistryMetrics& metrics_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace orewatch::registry
