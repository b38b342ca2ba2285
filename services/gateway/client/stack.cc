#include "services/gateway/client/stack.h"

namespace orewatch::gateway {

Stack::Stack(const std::string& name, const StackOptions& options, const Dependencies& dependencies)
    : metrics_(dependencies.metrics, name),
      stub_(name, dependencies.clock),
      breaker_(options.breaker, stub_, dependencies.clock, metrics_),
      retrying_(breaker_, dependencies.clock, dependencies.timers, metrics_),
      deadline_(options.budget, retrying_, dependencies.clock),
      draining_(deadline_),
      coalescing_(draining_, dependencies.clock, metrics_),
      caching_(options.cache, {coalescing_, dependencies.cache, dependencies.position, dependencies.clock,
                               dependencies.timers, metrics_}) {}

}  // namespace orewatch::gateway
