// process_* and build metrics, which prometheus-cpp leaves to its users.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "prometheus/registry.h"

namespace orewatch::metrics {

// Reads /proc/self at each scrape. Thread-safe.
class ProcessCollector final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

// Registers orewatch_config_hash; `hash` is a whole number that a double holds.
void RegisterConfigHash(prometheus::Registry& registry, int64_t hash);

// Registers orewatch_build_info with the value 1.
void RegisterBuildInfo(prometheus::Registry& registry, const std::string& grpc_version);

// The version that this build was made from.
const char* Version();

}  // namespace orewatch::metrics
