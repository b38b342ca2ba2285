#include "services/gateway/client/breaker_backend.h"

#include <utility>

#include "common/status/status.h"

namespace orewatch::gateway {
namespace {

using Outcome = CircuitBreaker::Outcome;

Outcome OutcomeOf(const absl::Status& status, const Question& question, absl::Time asked) {
  if (absl::IsCancelled(status)) {
    // Nobody waited for it to the end.
    return Outcome::kNeither;
  }
  if (!absl::IsDeadlineExceeded(status)) {
    return IsOutage(status) ? Outcome::kFailure
           // It waited for a revision that did not come.
           : absl::IsUnavailable(status) ? Outcome::kNeither
                                         : Outcome::kSuccess;
  }
  // A wait for a revision ends at the deadline, whichever side notices first.
  const bool waited = question.min_revision > 0;
  return waited || question.deadline - asked < BreakerBackend::kFairTime ? Outcome::kNeither : Outcome::kFailure;
}

}  // namespace

void BreakerBackend::Ask(const QuestionPtr& question, Answered answered) {
  const absl::Time asked = clock_.Now();
  const CircuitBreaker::Verdict verdict = breaker_.Admit(asked);
  metrics_.breaker_state.Set(static_cast<double>(breaker_.state()));
  if (verdict == CircuitBreaker::Verdict::kRefuse) {
    metrics_.breaker_refused.Increment();
    return answered(MakeError(absl::StatusCode::kUnavailable, kCircuitOpen,
                              "the service kept failing and is left alone for a moment"));
  }
  next_.Ask(question, [this, question, asked, verdict, answered = std::move(answered)](absl::StatusOr<Reply> reply) {
    Report(verdict, OutcomeOf(reply.status(), *question, asked));
    answered(std::move(reply));
  });
}

void BreakerBackend::Report(CircuitBreaker::Verdict verdict, Outcome outcome) {
  if (breaker_.Report(verdict, outcome, clock_.Now())) {
    metrics_.breaker_opens.Increment();
  }
  metrics_.breaker_state.Set(static_cast<double>(breaker_.state()));
}

}  // namespace orewatch::gateway
