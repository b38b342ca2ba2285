// Refusals told one by one, until somebody makes too many of them: the rest are counted, so that nobody can fill the
// disk by being refused.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace orewatch::rpc {

// Thread-compatible.
class RefusalCounter {
 public:
  struct Options {
    // Told one by one in an interval, of one caller and reason, and of all together; 0: all are.
    int64_t singly = 20;
    int64_t singly_together = 100;
    absl::Duration interval = absl::Seconds(10);
    // Callers and reasons told apart; those beyond share a number.
    size_t max_keys = 100;
  };

  // What was counted.
  struct Sum {
    // Who and why; both empty: all those that were not told apart.
    std::string caller;
    std::string reason;
    // Method of the first.
    std::string method;
    std::string code;
    bool known = false;
    int64_t count = 0;
    absl::Time since;
  };

  explicit RefusalCounter(const Options& options) : options_(options) {}

  // Whether this refusal is to be told by itself; else it has been counted. `known`: the caller is a principal, and no
  // peer.
  bool Tell(const Sum& refusal, absl::Time now);

  // What was counted in intervals that have ended, or in all of them.
  std::vector<Sum> TakeEnded(absl::Time now);
  std::vector<Sum> TakeAll() { return TakeEnded(absl::InfiniteFuture()); }

 private:
  struct Interval {
    absl::Time begin;
    int64_t told = 0;
    Sum sum;
  };
  const Options options_;
  std::map<std::pair<std::string, std::string>, Interval> intervals_;
  // Of all together.
  absl::Time begin_ = absl::InfinitePast();
  int64_t told_ = 0;
};

}  // namespace orewatch::rpc
