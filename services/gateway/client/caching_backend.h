// Remembers what a neighbour said, for as long as it would say the same; and tells it, marked, while it cannot be
// asked.
#pragma once

#include <memory>
#include <string>

#include "common/time/clock.h"
#include "services/gateway/client/backend.h"
#include "services/gateway/client/byte_bounded_cache.h"
#include "services/gateway/client/known_position.h"
#include "services/gateway/client/timers.h"

namespace orewatch::gateway {

// An answer and the position of the neighbour at which it holds.
struct CachedReply {
  std::shared_ptr<const google::protobuf::Message> message;
  // 0: only to be told as a stale one.
  uint64_t stamp = 0;
  int64_t revision = 0;
  absl::Time as_of;
};
using ReplyCache = ByteBoundedCache<CachedReply>;

// Where an answer lies ready that may be told as a stale one, the neighbour has a part of the time to give a newer one;
// what it says later is remembered. An answer belongs to its principal and role (KeyOf), so that no caller gets what
// another may read.
class CachingBackend final : public Backend {
 public:
  struct Limits {
    // How long an answer is fresh at most, although the position is the same.
    absl::Duration fresh_for = absl::InfiniteDuration();
    // How old an answer may be that is told while the neighbour cannot be asked.
    absl::Duration stale_for = absl::Minutes(15);
    // Of the time that is left, how much the neighbour has before a stale answer is told.
    double patience = 1.0 / 3;
  };
  struct Dependencies {
    // What is asked if nothing is remembered.
    Backend& next;
    ReplyCache& cache;
    const KnownPosition& position;
    const Clock& clock;
    Timers& timers;
    BackendMetrics& metrics;
  };
  CachingBackend(const Limits& limits, const Dependencies& dependencies)
      : limits_(limits), dependencies_(dependencies) {}
  void Ask(const QuestionPtr& question, Answered answered) override;

 private:
  // Whoever comes first answers: the neighbour, or the time when a stale answer is told.
  struct Race;
  // What answers in its stead after a while. The time may outlast this.
  Answered Hurry(const QuestionPtr& question, const std::shared_ptr<const CachedReply>& cached, absl::Time now,
                 Answered answered) const;
  bool MayTellStale(const CachedReply& cached, const Question& question, absl::Time now) const;
  bool IsFresh(const CachedReply& cached, const Question& question, const Position& known, absl::Time now) const;
  Reply Told(const CachedReply& cached, const absl::Status& instead_of, bool current) const;
  // Files what came in; gives what to answer.
  absl::StatusOr<Reply> Note(const Question& question, const std::string& key, const Position& known, absl::Time asked,
                             absl::StatusOr<Reply> reply) const;
  absl::StatusOr<Reply> StaleOr(const Question& question, const std::string& key, const absl::Status& outage) const;

  const Limits limits_;
  const Dependencies dependencies_;
};

}  // namespace orewatch::gateway
