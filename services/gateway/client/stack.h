// What stands between the gateway and one neighbour, each part with one job.
#pragma once

#include <memory>
#include <string>

#include "common/time/clock.h"
#include "prometheus/registry.h"
#include "services/gateway/client/backend_metrics.h"
#include "services/gateway/client/breaker_backend.h"
#include "services/gateway/client/caching_backend.h"
#include "services/gateway/client/coalescing_backend.h"
#include "services/gateway/client/deadline_backend.h"
#include "services/gateway/client/draining_backend.h"
#include "services/gateway/client/retrying_backend.h"
#include "services/gateway/client/stub_backend.h"
#include "services/gateway/client/timers.h"

namespace orewatch::gateway {

struct StackOptions {
  CachingBackend::Limits cache;
  DeadlineBackend::Budget budget;
  CircuitBreaker::Policy breaker;
};

// From outside in: what is remembered; one call for all who ask the same; what is under way; its part of the time; a
// repetition; the circuit breaker; the call itself, as the caller.
class Stack {
 public:
  struct Dependencies {
    ReplyCache& cache;
    const KnownPosition& position;
    const Clock& clock;
    Timers& timers;
    prometheus::Registry& metrics;
  };
  Stack(const std::string& name, const StackOptions& options, const Dependencies& dependencies);
  void Connect(const std::shared_ptr<grpc::Channel>& channel) { stub_.Connect(channel); }
  Backend& top() { return caching_; }
  // Gives up what is under way and waits for its end. To be called before anything that answers go to is destroyed.
  void Stop() { draining_.Stop(); }

 private:
  BackendMetrics metrics_;
  StubBackend stub_;
  BreakerBackend breaker_;
  RetryingBackend retrying_;
  DeadlineBackend deadline_;
  DrainingBackend draining_;
  CoalescingBackend coalescing_;
  CachingBackend caching_;
};

}  // namespace orewatch::gateway
