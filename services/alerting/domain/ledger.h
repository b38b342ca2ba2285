// The books of one step: a world as it changes, and what has changed in it.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/world.h"

namespace orewatch::alerting {

// Thread-compatible; the world outlives it.
class Ledger {
 public:
  Ledger(World& world, absl::Time now) : world_(world), time_(now) {}

  World& world() { return world_; }
  // When what happens is said to have happened.
  absl::Time time() const { return time_; }
  void set_time(absl::Time time) { time_ = time; }
  Changes& changes() { return changes_; }
  // Since the last call of Settled.
  const std::set<AlertKey>& unsettled() const { return unsettled_; }
  // Index of the first entry since.
  size_t first_unsettled() const { return first_unsettled_; }
  void Settled();

  // The alert has changed, or is new: it becomes the world's.
  Alert& Keep(Alert alert);
  // An alert of the world has changed in place.
  void Touch(const Alert& alert);
  // Writes an entry about an alert that has changed, its sequence, its times, and what ends with it. Valid until the
  // next.
  TimelineEntry& Record(AlertState from, Reason reason, int64_t revision, Alert& alert) {
    return Record(from, KindOf(reason), reason, revision, alert);
  }
  TimelineEntry& Record(AlertState from, EntryKind kind, Reason reason, int64_t revision, Alert& alert);
  // The same of an alert of the world that stays in its state.
  void Note(Reason reason, Alert& alert);

  // Call once, last.
  Changes TakeChanges();

 private:
  World& world_;
  absl::Time time_;
  Changes changes_;
  std::set<AlertKey> touched_;
  std::set<AlertKey> unsettled_;
  size_t first_unsettled_ = 0;
};

}  // namespace orewatch::alerting
