// What one look at a score does to one alert: pure functions of rule, finding, time and the alert's own state.
//
//                 for, m of n                      keep_firing_for
//   inactive ──▶ pending ──────────▶ firing ──────────────────────▶ resolved ──▶ pending or firing again
//      ▲────────────┘
//
// A rule that asks for no duration sees every revision. A rule that asks for one is judged on the grid: the value at a
// tick is that of the last revision applied at or before it, so what happens between two ticks cannot alter what fires,
// however messages are merged; only that an alert may be pending shows at once. What is unknown keeps the state and
// stops the count.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/evaluation.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

// Each changes `alert` and returns why its state changed, or nothing if it did not. `rule` matches the alert's score.

// A revision was applied at `now`.
std::optional<Reason> AtRevision(const Rule& rule, const Finding& finding, absl::Time now, Alert& alert);

// The grid has reached `tick`. Ticks may be skipped: the value is taken to have stood at each. Repeating one changes
// nothing.
std::optional<Reason> AtTick(const Rule& rule, const Finding& finding, int64_t tick, Alert& alert);

// The rule has become `rule`: ends what the new thresholds would not sustain, at once and whatever the grid says.
std::optional<Reason> AtRuleChange(const Rule& rule, const Finding& finding, absl::Time now, Alert& alert);

// Whether the finding begins an alert that is neither pending nor firing. Nothing else does.
bool Begins(const Finding& finding);

// A pending alert begins its count again.
void CountAnew(absl::Time now, Alert& alert);

// An alert that was about to fire waits for room, with the count that it has; or has it, and fires.
void HoldBack(Alert& alert);
void LetGo(Alert& alert);

// Ends an alert that is pending or firing; false if it is neither.
bool End(Alert& alert);

}  // namespace orewatch::alerting
