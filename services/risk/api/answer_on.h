// Answers that block or take long, on threads that are there for them.
#pragma once

#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "common/exec/executor.h"
#include "common/rpc/service.h"
#include "common/rpc/wanted.h"
#include "common/status/status.h"
#include "common/time/deadline_scope.h"

namespace orewatch::risk {

inline constexpr size_t kMaxQueuedAnswers = 256;

// Responds with what `answer` gives on the executor; without asking it if nobody waits any more when its turn comes.
// RESOURCE_EXHAUSTED if too many wait already.
template <typename Response>
void AnswerOn(Executor& executor, const rpc::CallContext& context, const rpc::Respond<Response>& respond,
              std::function<absl::StatusOr<Response>()> answer) {
  const bool submitted = executor.TrySubmit([context, respond, answer = std::move(answer)] {
    const DeadlineScope scope(context.deadline());
    const absl::Status wanted = rpc::StillWanted(context);
    respond(wanted.ok() ? answer() : absl::StatusOr<Response>(wanted));
  });
  if (!submitted) {
    respond(OverloadError("OVERLOADED", "too many calls of this kind wait for their turn", absl::Seconds(1)));
  }
}

}  // namespace orewatch::risk
