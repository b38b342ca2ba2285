// Keeps count of what the registry holds.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "services/registry/engine/registry_metrics.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Thread-compatible; both outlive it.
class ResourceCounter {
 public:
  ResourceCounter(RegistryStore& store, RegistryMetrics& metrics) : store_(store), metrics_(metrics) {}

  // Counts anew if there is a new revision. Returns how long to leave it then, so that it costs little.
  absl::Duration Count();

 private:
  RegistryStore& store_;
  RegistryMetrics& metrics_;
  // The revision that has been counted.
  std::optional<int64_t> counted_;
};

}  // namespace orewatch::registry
