#include "services/gateway/client/deadline_backend.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"

namespace orewatch::gateway {

void DeadlineBackend::Ask(const QuestionPtr& question, Answered answered) {
  const absl::Time now = clock_.Now();
  const absl::Duration left = question->deadline - now;
  const absl::Duration reserve = std::min(budget_.most_reserved, left * budget_.reserved_share);
  const absl::Duration given = (left - reserve) * question->share_of_time;
  if (given < budget_.least) {
    return answered(
        MakeError(absl::StatusCode::kDeadlineExceeded, "TOO_LITTLE_TIME", "too little of the deadline is left to ask"));
  }
  auto limited = std::make_shared<Question>(*question);
  limited->deadline = now + given;
  next_.Ask(std::move(limited), std::move(answered));
}

}  // namespace orewatch::gateway
