// Asks once more where that may help, as far as the budget goes.
#pragma once

#include "common/time/clock.h"
#include "services/gateway/client/backend.h"
#include "services/gateway/client/backend_metrics.h"
#include "services/gateway/client/retry_budget.h"
#include "services/gateway/client/timers.h"

namespace orewatch::gateway {

// Of reads alone, which all questions are. Once, after a moment, and within the question's deadline.
class RetryingBackend final : public Backend {
 public:
  static constexpr absl::Duration kPause = absl::Milliseconds(25);

  RetryingBackend(Backend& next, const Clock& clock, Timers& timers, BackendMetrics& metrics)
      : next_(next), clock_(clock), timers_(timers), metrics_(metrics) {}
  void Ask(const QuestionPtr& question, Answered answered) override;

 private:
  bool ShouldRepeat(const absl::Status& status, absl::Time deadline);

  Backend& next_;
  const Clock& clock_;
  Timers& timers_;
  BackendMetrics& metrics_;
  RetryBudget budget_;
};

}  // namespace orewatch::gateway
