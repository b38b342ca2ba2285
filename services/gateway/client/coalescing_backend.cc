#include "services/gateway/client/coalescing_backend.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace orewatch::gateway {
namespace {

// With less than this it is not worth asking again.
constexpr absl::Duration kLeastTime = absl::Milliseconds(10);

}  // namespace

void CoalescingBackend::Ask(const QuestionPtr& question, Answered answered) {
  const std::string key = absl::StrCat(question->min_revision, "\n", KeyOf(*question));
  FlightPtr flight;
  int place = 0;
  {
    absl::MutexLock lock(&mutex_);
    FlightPtr& known = flights_[key];
    if (known == nullptr) {
      known = std::make_shared<Flight>();
      known->deadline = question->deadline;
    }
    // Else it would have to wait beyond its own deadline.
    if (known->deadline <= question->deadline) {
      flight = known;
      place = flight->came++;
      flight->waiting.emplace(place, Waiting{question, std::move(answered)});
    }
  }
  if (flight == nullptr) {
    return next_.Ask(question, std::move(answered));
  }
  WatchFor(question->cancellation, key, flight, place);
  if (place > 0) {
    metrics_.coalesced.Increment();
    return;
  }
  auto shared = std::make_shared<Question>(*question);
  shared->cancellation = flight->call;
  next_.Ask(std::move(shared), [this, key, flight](const absl::StatusOr<Reply>& reply) {
    // Those who ask from here on begin anew.
    for (auto& [waiting_place, waiting] : Land(key, flight)) {
      Answer(waiting_place, std::move(waiting), reply);
    }
  });
}

void CoalescingBackend::WatchFor(const rpc::Cancellation& cancellation, const std::string& key, const FlightPtr& flight,
                                 int place) {
  cancellation.OnCancel([this, key, weak = std::weak_ptr<Flight>(flight), place] {
    // A flight that has landed is nobody's any more.
    if (const FlightPtr under_way = weak.lock(); under_way != nullptr) {
      Leave(key, under_way, place);
    }
  });
}

void CoalescingBackend::Leave(const std::string& key, const FlightPtr& flight, int place) {
  Answered answered;
  bool last = false;
  {
    absl::MutexLock lock(&mutex_);
    const auto waiting = flight->waiting.find(place);
    if (waiting == flight->waiting.end()) {
      return;
    }
    answered = std::move(waiting->second.answered);
    flight->waiting.erase(waiting);
    last = flight->waiting.empty();
    const auto known = flights_.find(key);
    if (last && known != flights_.end() && known->second == flight) {
      flights_.erase(known);
    }
  }
  if (last) {
    flight->call.Cancel();
  }
  answered(absl::CancelledError("nobody waits for the answer any more"));
}

CoalescingBackend::AllWaiting CoalescingBackend::Land(const std::string& key, const FlightPtr& flight) {
  absl::MutexLock lock(&mutex_);
  const auto known = flights_.find(key);
  if (known != flights_.end() && known->second == flight) {
    flights_.erase(known);
  }
  return std::exchange(flight->waiting, {});
}

void CoalescingBackend::Answer(int place, Waiting waiting, const absl::StatusOr<Reply>& reply) {
  // The call had all the time of the first.
  if (place > 0 && absl::IsDeadlineExceeded(reply.status()) && waiting.question->deadline - clock_.Now() > kLeastTime) {
    return Ask(waiting.question, std::move(waiting.answered));
  }
  waiting.answered(reply);
}

}  // namespace orewatch::gateway
