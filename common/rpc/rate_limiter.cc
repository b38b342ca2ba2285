#include "common/rpc/rate_limiter.h"

#include <algorithm>

namespace orewatch::rpc {

RateLimiter::Bucket& RateLimiter::Find(absl::string_view caller, absl::Time now) {
  if (const auto known = index_.find(caller); known != index_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, known->second);
    return buckets_.front();
  }
  if (buckets_.size() >= limits_.max_callers) {
    index_.erase(buckets_.back().caller);
    buckets_.pop_back();
  }
  buckets_.push_front({std::string(caller), limits_.burst, now});
  // The key is the bucket's own string, which stays where it is.
  index_.emplace(buckets_.front().caller, buckets_.begin());
  return buckets_.front();
}

absl::Duration RateLimiter::Spend(absl::string_view caller, int32_t cost, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Bucket& bucket = Find(caller, now);
  // A clock that was set back fills nothing.
  const double seconds = std::max(0.0, absl::ToDoubleSeconds(now - bucket.filled));
  bucket.tokens = std::min(limits_.burst, bucket.tokens + seconds * limits_.cost_per_second);
  bucket.filled = now;
  const double price = std::min<double>(cost, limits_.burst);
  // The sums of fractions fall short of the whole by less than this.
  constexpr double kRounding = 1e-9;
  if (bucket.tokens + kRounding < price) {
    return absl::Seconds((price - bucket.tokens) / limits_.cost_per_second);
  }
  bucket.tokens = std::max(0.0, bucket.tokens - price);
  return absl::ZeroDuration();
}

size_t RateLimiter::callers() const {
  absl::MutexLock lock(&mutex_);
  return buckets_.size();
}

absl::string_view HostOfPeer(absl::string_view peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace orewatch::rpc
