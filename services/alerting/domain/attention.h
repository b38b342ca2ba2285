// What ends the attention that people gave an alert, and what their hand holds back: pure functions of the alert, its
// value and the time.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/rule.h"
#include "services/alerting/domain/timeline.h"

namespace orewatch::alerting {

// Acknowledged or snoozed: receivers are not to be told until that ends, and an Alertmanager keeps a silence until
// then.
inline bool IsMuted(const Alert& alert) { return alert.acknowledgement.has_value() || alert.snooze.has_value(); }
// Until when; the alert is muted.
absl::Time MutedUntil(const Alert& alert);

// Something that ended by itself; each gets an entry of its own, in this order.
struct Ended {
  EntryKind kind;
  Reason reason;

  friend bool operator==(const Ended&, const Ended&) = default;
};

// After a look at the alert, which had this severity before. A rise ends an acknowledgement, which was of something
// less; an alert that is over takes both with it, without a word.
std::vector<Ended> EndByLook(Severity before, Alert& alert);

// What has expired, or is about to, at a time of the grid. Does not need the input: a snooze ends while scores are
// away.
std::vector<Ended> EndByTime(absl::Time now, Alert& alert);

// Whether the alert was resolved by hand and its condition has not cleared since, so that no look may raise it.
bool HeldDown(const Rule& rule, std::optional<double> measured, Alert& alert);

}  // namespace orewatch::alerting
