#include "services/alerting/domain/fact.h"

#include <algorithm>
#include <tuple>

namespace orewatch::alerting {
namespace {

const Spell* SameSpell(const Fact& fact, const Spell& spell) {
  const auto same = std::find_if(fact.spells.begin(), fact.spells.end(),
                                 [&](const Spell& it) { return it.state == spell.state && it.about == spell.about; });
  return same == fact.spells.end() ? nullptr : &*same;
}

const Spell* OwnerChange(const Fact& fact) {
  const auto change = std::find_if(fact.spells.begin(), fact.spells.end(),
                                   [](const Spell& spell) { return spell.state == kOwnerChanged; });
  return change == fact.spells.end() ? nullptr : &*change;
}

// Data that are gone do not say that all is well.
void KeepUnknown(const Fact* stored, Fact& fact) {
  for (const Spell& spell : stored != nullptr ? stored->spells : std::vector<Spell>()) {
    if (std::find(fact.unknown.begin(), fact.unknown.end(), HundredOf(spell.state)) != fact.unknown.end()) {
      fact.spells.push_back(spell);
      fact.spells.back().unknown = true;
    }
  }
  fact.unknown.clear();
}

}  // namespace

void Succeed(const Fact* stored, absl::Time seen, Fact& fact) {
  for (Spell& spell : fact.spells) {
    if (spell.from == absl::InfinitePast()) {
      spell.from.reset();
    } else if (!spell.from.has_value()) {
      const Spell* before = stored != nullptr ? SameSpell(*stored, spell) : nullptr;
      const auto first = seen == absl::InfinitePast() ? std::nullopt : std::optional(seen);
      spell.from = before != nullptr ? before->from : first;
    }
  }
  const Spell* changed = stored != nullptr && OwnerChange(fact) == nullptr ? OwnerChange(*stored) : nullptr;
  if (changed != nullptr) {
    fact.spells.push_back(*changed);
  }
  KeepUnknown(stored, fact);
  std::stable_sort(fact.spells.begin(), fact.spells.end(), [](const Spell& a, const Spell& b) {
    return std::tie(a.state, a.about) < std::tie(b.state, b.about);
  });
}

}  // namespace orewatch::alerting
