#include "services/gateway/client/coalescing_backend.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace orewatch::gateway {
namespace {

// With less than this it is not worth asking again.
constexpr absl::Duration kLeastTime = absl::Milliseconds(10);

}  // namespace

void CoalescingBackend::Ask(const QuestionPtr& question, Answered answered) {
  std::string key = absl::StrCat(question->min_revision, "\n", KeyOf(*question));
  {
    absl::MutexLock lock(&mutex_);
    const auto flight = flights_.find(key);
    if (flight == flights_.end()) {
      flights_[key].deadline = question->deadline;
    } else if (flight->second.deadline <= question->deadline) {
      flight->second.joined.push_back({question, std::move(answered)});
      metrics_.coalesced.Increment();
      return;
    } else {
      // It would have to wait beyond its own deadline.
      key.clear();
    }
  }
  if (key.empty()) {
    return next_.Ask(question, std::move(answered));
  }
  next_.Ask(question, [this, key = std::move(key), answered = std::move(answered)](const absl::StatusOr<Reply>& reply) {
    // Those who ask from here on begin anew.
    std::vector<Joined> joined = Land(key);
    answered(reply);
    for (Joined& other : joined) {
      Answer(std::move(other), reply);
    }
  });
}

std::vector<CoalescingBackend::Joined> CoalescingBackend::Land(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  const auto flight = flights_.find(key);
  std::vector<Joined> joined = std::move(flight->second.joined);
  flights_.erase(flight);
  return joined;
}

void CoalescingBackend::Answer(Joined joined, const absl::StatusOr<Reply>& reply) {
  if (absl::IsDeadlineExceeded(reply.status()) && joined.question->deadline - clock_.Now() > kLeastTime) {
    return Ask(joined.question, std::move(joined.answered));
  }
  joined.answered(reply);
}

}  // namespace orewatch::gateway
