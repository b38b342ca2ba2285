#include "services/gateway/client/draining_backend.h"

#include <utility>

#include "common/status/status.h"

namespace orewatch::gateway {

void DrainingBackend::Ask(const QuestionPtr& question, Answered answered) {
  std::list<rpc::Cancellation> call = {question->cancellation};
  const auto place = call.begin();
  bool stopped = false;
  {
    absl::MutexLock lock(&mutex_);
    stopped = stopped_;
    if (!stopped) {
      under_way_.splice(under_way_.end(), call);
    }
  }
  if (stopped) {
    return answered(MakeError(absl::StatusCode::kUnavailable, "STOPPING", "the gateway is stopping"));
  }
  next_.Ask(question, [this, place, answered = std::move(answered)](absl::StatusOr<Reply> reply) {
    answered(std::move(reply));
    absl::MutexLock lock(&mutex_);
    under_way_.erase(place);
  });
}

void DrainingBackend::Stop() {
  std::list<rpc::Cancellation> calls;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    calls = under_way_;
  }
  for (const rpc::Cancellation& call : calls) {
    call.Cancel();
  }
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &DrainingBackend::IsEmpty));
}

}  // namespace orewatch::gateway
