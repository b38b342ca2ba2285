// Whether a rule would have fired: what happened is evaluated once more, with that rule alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/time/time.h"
#include "services/alerting/domain/firing_log.h"
#include "services/alerting/domain/past_facts.h"
#include "services/alerting/domain/past_scores.h"
#include "services/alerting/domain/world.h"

namespace orewatch::alerting {

// One rule in a world of its own, with the Reconciler that evaluates live. A tick at which nothing can follow is
// passed over: between two revisions time alone ends a count, moves a window, brings a date about which somebody was
// told, or lets what keeps an alert quiet pass, and when it does is known beforehand. Thread-compatible.
class Rehearsal {
 public:
  // `observe` is given each entry of the timeline in order.
  Rehearsal(const Rule& rule, std::function<void(const TimelineEntry&)> observe);

  // In the order of their revisions, the facts of each before its scores.
  void Take(const ScoreBatch& batch);
  void Take(const FactBatch& batch);
  // True if it has arrived there, and no later tick at or before the time is due. Else call it again.
  bool AdvanceTo(absl::Time time);

  const World& world() const { return world_; }

 private:
  template <typename Batch>
  void TakeNext(const Batch& batch);
  void Keep(const Changes& changes);
  void Expect(const Rule& rule, const Alert& alert);
  // Whatever the fact comes to by time alone.
  void Expect(const Rule& rule, const Fact& fact);
  void ExpectAt(int64_t tick);
  void ExpectAt(absl::Time time);

  const std::string rule_;
  // In ticks.
  const std::set<int64_t> windows_;
  const std::function<void(const TimelineEntry&)> observe_;
  World world_;
  bool live_ = false;
  absl::Time now_ = absl::InfinitePast();
  // At which something may follow.
  absl::btree_set<int64_t> due_;
};

struct Past {
  PastScores scores = {};
  PastFacts facts = {};
};

// Of a rule, what it would have done within a period. History before it is evaluated as well, since whether a rule
// fires may depend on all of it. Nothing: `goes_on` said no.
std::optional<Firings> Rehearse(const Rule& rule, const Past& past, const Period& period, size_t most_listed,
                                const std::function<bool()>& goes_on);

}  // namespace orewatch::alerting
