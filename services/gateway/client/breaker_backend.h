// Does not ask a neighbour that keeps failing.
#pragma once

#include "common/time/clock.h"
#include "services/gateway/client/backend.h"
#include "services/gateway/client/backend_metrics.h"
#include "services/gateway/client/circuit_breaker.h"

namespace orewatch::gateway {

// UNAVAILABLE, reason CIRCUIT_OPEN, while the breaker is open.
class BreakerBackend final : public Backend {
 public:
  // A call that had less time than this, and ran out of it, says nothing about the neighbour: else callers in a hurry
  // would open the breaker for everybody.
  static constexpr absl::Duration kFairTime = absl::Milliseconds(250);

  BreakerBackend(const CircuitBreaker::Policy& policy, Backend& next, const Clock& clock, BackendMetrics& metrics)
      : breaker_(policy), next_(next), clock_(clock), metrics_(metrics) {}
  void Ask(const QuestionPtr& question, Answered answered) override;

 private:
  void Report(CircuitBreaker::Verdict verdict, CircuitBreaker::Outcome outcome);

  CircuitBreaker breaker_;
  Backend& next_;
  const Clock& clock_;
  BackendMetrics& metrics_;
};

}  // namespace orewatch::gateway
