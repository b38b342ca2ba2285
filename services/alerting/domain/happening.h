// Conditions on what happens in the registry: something is in a state, for as long as that matters.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/alerting/domain/fact.h"
#include "services/alerting/domain/violation.h"

namespace orewatch::alerting {

// A fact is in one of the states. What has not begun, or is long over, does not count.
struct Happening {
  // Numbers of orewatch.alerting.v1.Happening.State, all of the same hundred.
  std::vector<int> states = {};
  // Names of what it must concern, any of them; empty: anything.
  std::vector<std::string> concerns = {};
  // Met so long before the state begins ...
  absl::Duration before = absl::ZeroDuration();
  // ... and only so long after it began; 0: as long as it lasts.
  absl::Duration hold = absl::ZeroDuration();

  friend bool operator==(const Happening&, const Happening&) = default;
};

// The states of one kind of thing.
inline int HundredOf(int state) { return state / 100; }

// Whether some state of the fact is one that the condition asks for, at whatever time.
bool Asks(const Happening& happening, const Fact& fact);

// The same of a state in which the fact concerns what it must.
bool MayMeet(const Happening& happening, const Fact& fact);
// The times at which the fact may begin or cease to meet the condition.
std::vector<absl::Time> TurnsOf(const Happening& happening, const Fact& fact);

// What of the fact meets the condition at a time; null: nothing does. `subject` is what it must concern besides; empty:
// anything.
const Spell* MetBy(const Happening& happening, const Fact& fact, absl::Time time, absl::string_view subject = "");

void Check(const Happening& happening, std::vector<Violation>& violations);

}  // namespace orewatch::alerting
