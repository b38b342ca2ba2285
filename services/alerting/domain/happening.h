// Conditions on what happens in the registry: something is in a state, for as long as that matters.
#pragma once

#include <set>
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

// Whether some state of the fact is one that the condition asks for, at whatever time.
bool Asks(const Happening& happening, const Fact& fact);

// The same of a state in which the fact concerns what it must.
bool MayMeet(const Happening& happening, const Fact& fact);
// The times at which the fact may begin or cease to meet the condition.
std::vector<absl::Time> TurnsOf(const Happening& happening, const Fact& fact);

// Tells apart what of a thing is told one by one: its state and what it is about; of changes, also each change.
std::string ConditionKeyOf(const Spell& spell);
// Of the states that the condition asks for, whether it is met or not.
std::set<std::string> ConditionKeysOf(const Happening& happening, const Fact& fact);

// What must be so of a spell beside the condition; empty: anything.
struct Narrowed {
  std::string condition_key = {};
  // What it must concern.
  std::string subject = {};
};
// What of the fact meets the condition at a time; null: nothing does. What is known goes before what is not.
const Spell* MetBy(const Happening& happening, const Fact& fact, absl::Time time, const Narrowed& narrowed = {});

void Check(const Happening& happening, std::vector<Violation>& violations);

}  // namespace orewatch::alerting
