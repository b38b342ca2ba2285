#include "services/gateway/client/known_position.h"

namespace orewatch::gateway {

void KnownPosition::Heard(absl::string_view lineage, int64_t number, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  followed_ = true;
  HeardLocked(lineage, number, now);
}

void KnownPosition::Confirmed(absl::string_view lineage, int64_t number, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (followed_) {
    HeardLocked(lineage, number, now);
  }
}

void KnownPosition::HeardLocked(absl::string_view lineage, int64_t number, absl::Time now) {
  const bool other_history = lineage != lineage_;
  const bool went_on = number > number_;
  // Who was silent may have done anything meanwhile.
  const bool was_known = stamp_.load() != 0 && absl::ToUnixNanos(now) < trusted_until_.load();
  if (other_history || went_on || !was_known) {
    stamp_.store(++last_stamp_);
  }
  if (other_history || went_on) {
    lineage_ = std::string(lineage);
    number_ = number;
  }
  trusted_until_.store(absl::ToUnixNanos(now + kTrust));
}

void KnownPosition::Lost() {
  absl::MutexLock lock(&mutex_);
  followed_ = false;
  stamp_.store(0);
}

Position KnownPosition::Get(absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  return {StampAt(now), number_};
}

LastKnown KnownPosition::last_known() const {
  absl::MutexLock lock(&mutex_);
  return {lineage_, number_};
}

uint64_t KnownPosition::StampAt(absl::Time now) const {
  return absl::ToUnixNanos(now) < trusted_until_.load() ? stamp_.load() : 0;
}

}  // namespace orewatch::gateway
