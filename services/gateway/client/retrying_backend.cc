#include "services/gateway/client/retrying_backend.h"

#include <utility>

namespace orewatch::gateway {

void RetryingBackend::Ask(const QuestionPtr& question, Answered answered) {
  budget_.Earn();
  metrics_.retry_budget.Set(budget_.ratio());
  next_.Ask(question, [this, question, answered = std::move(answered)](absl::StatusOr<Reply> reply) {
    if (question->cancellation.cancelled() || !ShouldRepeat(reply.status(), question->deadline)) {
      return answered(std::move(reply));
    }
    timers_.After(kPause, [this, question, answered] { next_.Ask(question, answered); });
  });
}

bool RetryingBackend::ShouldRepeat(const absl::Status& status, absl::Time deadline) {
  if (!MayRepeat(status) || clock_.Now() + kPause >= deadline) {
    return false;
  }
  const bool allowed = budget_.Spend();
  metrics_.retry_budget.Set(budget_.ratio());
  (allowed ? metrics_.retries_spent : metrics_.retries_denied).Increment();
  return allowed;
}

}  // namespace orewatch::gateway
