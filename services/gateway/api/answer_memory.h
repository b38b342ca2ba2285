// Whole answers, encoded, for as long as they would be the same.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/caller.h"
#include "google/protobuf/message.h"
#include "services/gateway/client/byte_bounded_cache.h"
#include "services/gateway/client/positions.h"

namespace orewatch::gateway {

// Thread-safe. An answer is its principal's and role's alone.
class AnswerMemory {
 public:
  // However still the neighbours stand: alerting says nothing when a rule, and its alerts with it, goes out of a
  // reader's sight.
  static constexpr absl::Duration kLongest = absl::Seconds(2);

  AnswerMemory(size_t most_bytes, CacheMetrics& metrics) : answers_(most_bytes, metrics) {}

  static std::string KeyOf(absl::string_view method, const rpc::Caller& caller,
                           const google::protobuf::Message& request);
  // What was put there at the same position of every neighbour, not long ago.
  std::optional<std::string> Find(const std::string& key, const Stamps& stamps, absl::Time now);
  // `stamps` and `asked`: from before it was asked for. Nothing is kept if a position is not known.
  void Put(const std::string& key, const Stamps& stamps, absl::Time asked, std::string encoded);

 private:
  struct Answer {
    Stamps stamps;
    absl::Time asked;
    std::string encoded;
  };
  ByteBoundedCache<Answer> answers_;
};

}  // namespace orewatch::gateway
