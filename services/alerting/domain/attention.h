// What ends the attention that people gave an alert, and what their hand holds back: pure functions of the alert and
// the time.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/timeline.h"

namespace orewatch::alerting {

// Something that ended by itself; each gets an entry of its own, in this order.
struct Ended {
  EntryKind kind;
  Reason reason;

  friend bool operator==(const Ended&, const Ended&) = default;
};

// With an alert that is over, without a word.
void DropAttention(Alert& alert);

// After a look at the alert, which had this severity before: a rise ends an acknowledgement, which was of something
// less.
std::vector<Ended> EndByRise(Severity before, Alert& alert);

// What has expired, or is about to, at a time of the grid. Does not need the input: a snooze ends while scores are
// away.
std::vector<Ended> EndByTime(absl::Time now, Alert& alert);

// Whether the alert was resolved by hand and its condition has not cleared since, so that no look may raise it.
bool HeldDown(bool cleared, Alert& alert);

}  // namespace orewatch::alerting
