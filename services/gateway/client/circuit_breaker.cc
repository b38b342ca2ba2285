#include "services/gateway/client/circuit_breaker.h"

#include <algorithm>

namespace orewatch::gateway {

CircuitBreaker::Verdict CircuitBreaker::Admit(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (state_ == State::kClosed) {
    return Verdict::kPass;
  }
  if (now < open_until_ || probing_) {
    return Verdict::kRefuse;
  }
  state_ = State::kHalfOpen;
  probing_ = true;
  return Verdict::kProbe;
}

bool CircuitBreaker::Report(Verdict verdict, Outcome outcome, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (verdict == Verdict::kProbe) {
    return ReportProbe(outcome, now);
  }
  // What began before it opened says nothing about now.
  if (state_ != State::kClosed || outcome == Outcome::kNeither) {
    return false;
  }
  Slot& slot = SlotAt(now);
  ++slot.calls;
  slot.failures += outcome == Outcome::kFailure ? 1 : 0;
  if (outcome == Outcome::kSuccess || !TooManyFailed(now)) {
    return false;
  }
  pause_ = policy_.first_pause;
  Open(now);
  return true;
}

bool CircuitBreaker::ReportProbe(Outcome outcome, absl::Time now) {
  probing_ = false;
  if (outcome == Outcome::kFailure) {
    pause_ = std::min(pause_ * 2, policy_.longest_pause);
    Open(now);
    return true;
  }
  if (outcome == Outcome::kSuccess) {
    state_ = State::kClosed;
    slots_.fill({});
  }
  return false;
}

void CircuitBreaker::Open(absl::Time now) {
  state_ = State::kOpen;
  open_until_ = now + pause_;
}

CircuitBreaker::State CircuitBreaker::state() const {
  absl::MutexLock lock(&mutex_);
  return state_;
}

absl::Duration CircuitBreaker::PauseLeft(absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  return state_ == State::kClosed ? absl::ZeroDuration() : std::max(open_until_ - now, absl::ZeroDuration());
}

int64_t CircuitBreaker::NumberAt(absl::Time now) const {
  return (now - absl::UnixEpoch()) / (policy_.window / static_cast<int64_t>(kSlots));
}

CircuitBreaker::Slot& CircuitBreaker::SlotAt(absl::Time now) {
  const int64_t number = NumberAt(now);
  Slot& slot = slots_.at(static_cast<size_t>(number) % kSlots);
  if (slot.number != number) {
    slot = {.number = number};
  }
  return slot;
}

bool CircuitBreaker::TooManyFailed(absl::Time now) const {
  const int64_t oldest = NumberAt(now) - static_cast<int64_t>(kSlots);
  int calls = 0;
  int failures = 0;
  for (const Slot& slot : slots_) {
    if (slot.number > oldest) {
      calls += slot.calls;
      failures += slot.failures;
    }
  }
  return calls >= policy_.least_calls && failures >= policy_.failure_share * calls;
}

}  // namespace orewatch::gateway
