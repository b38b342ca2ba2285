#include "common/rpc/priority.h"

#include <algorithm>
#include <array>

namespace orewatch::rpc {
namespace {

// By rank.
constexpr std::array<size_t, kPriorities> kPercents = {100, 90, 50};
constexpr std::array<const char*, kPriorities> kNames = {"acknowledge", "read", "batch"};
// Of the target.
constexpr int kPatienceOfReads = 4;

constexpr absl::Duration kShortestRetry = absl::Milliseconds(200);
constexpr absl::Duration kLongestRetry = absl::Seconds(2);

}  // namespace

size_t RankOf(access::v1::Priority priority) {
  switch (priority) {
    case access::v1::PRIORITY_HEALTH:
    case access::v1::PRIORITY_ACKNOWLEDGE:
      return 0;
    case access::v1::PRIORITY_BATCH:
      return 2;
    default:
      return 1;
  }
}

const char* NameOfRank(size_t rank) { return kNames.at(rank); }

size_t PlacesFor(access::v1::Priority priority, size_t limit) {
  constexpr size_t kHundred = 100;
  return (limit * kPercents.at(RankOf(priority)) + kHundred - 1) / kHundred;
}

absl::Duration LongestWait(access::v1::Priority priority, absl::Duration target) {
  const size_t rank = RankOf(priority);
  if (rank == 0 || target == absl::ZeroDuration()) {
    return absl::InfiniteDuration();
  }
  return rank == 1 ? target * kPatienceOfReads : target;
}

absl::Duration RetryAfter(size_t used, size_t limit) {
  const double load = limit == 0 ? 1 : std::min(1.0, static_cast<double>(used) / static_cast<double>(limit));
  return kShortestRetry + (kLongestRetry - kShortestRetry) * load * load;
}

}  // namespace orewatch::rpc
