#include "services/alerting/domain/happening.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/alerting/domain/concern_index.h"

namespace orewatch::alerting {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 3660);
constexpr size_t kMaxConcerns = 100;
constexpr size_t kMaxNameBytes = 256;
constexpr std::array kConcerned{"agreements", "blocs",    "countries", "events",     "facilities", "links",
                                "measures",   "minerals", "projects",  "stockpiles", "suppliers"};

bool IsOneOf(int state, const Happening& happening) {
  return std::find(happening.states.begin(), happening.states.end(), state) != happening.states.end();
}

// The name, or something that belongs to it: a facility to its supplier.
bool IsAbout(const Spell& spell, absl::string_view name) {
  return name == spell.about || absl::StartsWith(spell.about, absl::StrCat(name, "/"));
}

// A spell that says what it is about concerns that, and what all of the fact concerns, but not what others are about.
bool Concerns(const Fact& fact, const Spell& spell, absl::string_view name) {
  if (name == fact.resource || IsAbout(spell, name)) {
    return true;
  }
  return std::binary_search(fact.concerns.begin(), fact.concerns.end(), name) &&
         std::none_of(fact.spells.begin(), fact.spells.end(), [&](const Spell& it) { return IsAbout(it, name); });
}

bool ConcernsAny(const Fact& fact, const Spell& spell, const std::vector<std::string>& names) {
  return names.empty() ||
         std::any_of(names.begin(), names.end(), [&](const std::string& name) { return Concerns(fact, spell, name); });
}

bool HoldsAt(const Happening& happening, const Spell& spell, absl::Time time) {
  const absl::Time from = spell.from.value_or(absl::InfinitePast());
  const bool begun = from - happening.before <= time && time < spell.until;
  return begun && (happening.hold == absl::ZeroDuration() || time < from + happening.hold);
}

void CheckDuration(absl::string_view field, absl::Duration duration, std::vector<Violation>& violations) {
  if (duration < absl::ZeroDuration() || duration > kLongest) {
    violations.push_back({std::string(field), "must be between 0 and 3,660 days"});
  }
}

void CheckStates(const std::vector<int>& states, std::vector<Violation>& violations) {
  const std::set<int> distinct(states.begin(), states.end());
  if (distinct.empty() || *distinct.begin() == 0) {
    violations.push_back({"happening.states", "is required"});
  } else if (HundredOf(*distinct.begin()) != HundredOf(*distinct.rbegin())) {
    violations.push_back({"happening.states", "must all be of the same kind of thing"});
  } else if (distinct.size() != states.size()) {
    violations.push_back({"happening.states", "must not repeat anything"});
  }
}

void CheckConcerns(const std::vector<std::string>& concerns, std::vector<Violation>& violations) {
  if (concerns.size() > kMaxConcerns) {
    violations.push_back({"happening.concerns", absl::StrCat("must be at most ", kMaxConcerns)});
  }
  const bool names = std::all_of(concerns.begin(), concerns.end(), [](const std::string& name) {
    return name.size() <= kMaxNameBytes && !absl::EndsWith(name, "/") &&
           std::find(kConcerned.begin(), kConcerned.end(), ConcernIndex::CollectionOfName(name)) != kConcerned.end();
  });
  if (!names) {
    violations.push_back({"happening.concerns", "must be names of resources, such as minerals/cobalt"});
  }
}

}  // namespace

bool Asks(const Happening& happening, const Fact& fact) {
  return std::any_of(fact.spells.begin(), fact.spells.end(),
                     [&](const Spell& spell) { return IsOneOf(spell.state, happening); });
}

bool MayMeet(const Happening& happening, const Fact& fact) {
  return std::any_of(fact.spells.begin(), fact.spells.end(), [&](const Spell& spell) {
    return IsOneOf(spell.state, happening) && ConcernsAny(fact, spell, happening.concerns);
  });
}

std::vector<absl::Time> TurnsOf(const Happening& happening, const Fact& fact) {
  std::vector<absl::Time> turns;
  for (const Spell& spell : fact.spells) {
    if (!IsOneOf(spell.state, happening)) {
      continue;
    }
    turns.push_back(spell.until);
    if (spell.from.has_value()) {
      turns.push_back(*spell.from - happening.before);
      turns.push_back(*spell.from + happening.hold);
    }
  }
  return turns;
}

std::string ConditionKeyOf(const Spell& spell) {
  const bool changes = spell.state == kOwnerChanged && spell.from.has_value();
  return absl::StrCat(spell.state, "/", spell.about, changes ? absl::StrCat("/", absl::ToUnixMicros(*spell.from)) : "");
}

std::set<std::string> ConditionKeysOf(const Happening& happening, const Fact& fact) {
  std::set<std::string> keys;
  for (const Spell& spell : fact.spells) {
    if (IsOneOf(spell.state, happening)) {
      keys.insert(ConditionKeyOf(spell));
    }
  }
  return keys;
}

const Spell* MetBy(const Happening& happening, const Fact& fact, absl::Time time, const Narrowed& narrowed) {
  const Spell* met = nullptr;
  for (const Spell& spell : fact.spells) {
    const bool meets = IsOneOf(spell.state, happening) && HoldsAt(happening, spell, time) &&
                       ConcernsAny(fact, spell, happening.concerns) &&
                       (narrowed.condition_key.empty() || narrowed.condition_key == ConditionKeyOf(spell)) &&
                       (narrowed.subject.empty() || Concerns(fact, spell, narrowed.subject));
    if (meets && (met == nullptr || (met->unknown && !spell.unknown))) {
      met = &spell;
    }
  }
  return met;
}

void Check(const Happening& happening, std::vector<Violation>& violations) {
  CheckStates(happening.states, violations);
  CheckConcerns(happening.concerns, violations);
  CheckDuration("happening.before", happening.before, violations);
  CheckDuration("happening.hold", happening.hold, violations);
  const bool changes =
      std::find(happening.states.begin(), happening.states.end(), kOwnerChanged) != happening.states.end();
  if (changes && happening.hold <= absl::ZeroDuration()) {
    violations.push_back({"happening.hold", "is required: a change has no end of its own"});
  }
}

}  // namespace orewatch::alerting
