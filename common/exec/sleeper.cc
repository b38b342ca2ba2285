#include "common/exec/sleeper.h"

#include "common/time/steady.h"

namespace orewatch {

bool Sleeper::SleepFor(absl::Duration duration) { return Sleep(duration, /*lightly=*/true); }

bool Sleeper::SleepThrough(absl::Duration duration) { return Sleep(duration, /*lightly=*/false); }

bool Sleeper::Sleep(absl::Duration duration, bool lightly) {
  const absl::Time end = SteadyNow() + duration;
  absl::MutexLock lock(&mutex_);
  for (absl::Time now = SteadyNow(); !stopped_ && !(lightly && woken_) && now < end; now = SteadyNow()) {
    changed_.WaitFor(mutex_, end - now);
  }
  woken_ = woken_ && !lightly;
  return !stopped_;
}

void Sleeper::Wake() {
  {
    absl::MutexLock lock(&mutex_);
    woken_ = true;
  }
  changed_.SignalAll();
}

void Sleeper::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  changed_.SignalAll();
}

bool Sleeper::stopped() const {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

}  // namespace orewatch
