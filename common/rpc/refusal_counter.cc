#include "common/rpc/refusal_counter.h"

namespace orewatch::rpc {
namespace {

// Also where the clock was set back.
bool HasEnded(absl::Time begin, absl::Duration interval, absl::Time now) {
  return now - begin >= interval || now < begin;
}

}  // namespace

bool RefusalCounter::Tell(const Sum& refusal, absl::Time now) {
  if (options_.singly == 0) {
    return true;
  }
  if (HasEnded(begin_, options_.interval, now)) {
    begin_ = now;
    told_ = 0;
  }
  std::pair<std::string, std::string> key(refusal.caller, refusal.reason);
  const bool crowded = intervals_.size() >= options_.max_keys && intervals_.count(key) == 0;
  if (crowded) {
    key = {};
  }
  Interval& interval = intervals_.try_emplace(key, Interval{now, 0, {}}).first->second;
  if (!crowded && interval.told < options_.singly && told_ < options_.singly_together) {
    ++interval.told;
    ++told_;
    return true;
  }
  if (interval.sum.count == 0) {
    // Those that share a number have nothing else in common.
    interval.sum = crowded ? Sum() : refusal;
    interval.sum.count = 0;
    interval.sum.since = now;
  }
  ++interval.sum.count;
  return false;
}

std::vector<RefusalCounter::Sum> RefusalCounter::TakeEnded(absl::Time now) {
  std::vector<Sum> sums;
  for (auto it = intervals_.begin(); it != intervals_.end();) {
    if (!HasEnded(it->second.begin, options_.interval, now)) {
      ++it;
      continue;
    }
    if (it->second.sum.count > 0) {
      sums.push_back(std::move(it->second.sum));
    }
    it = intervals_.erase(it);
  }
  return sums;
}

}  // namespace orewatch::rpc
