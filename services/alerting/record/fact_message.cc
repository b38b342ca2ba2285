#include "services/alerting/record/fact_message.h"

#include <vector>

#include "common/time/proto_time.h"
#include "services/alerting/record/optional_value.h"
#include "services/alerting/record/visibility_message.h"

namespace orewatch::alerting {
namespace {

std::vector<Spell> SpellsOf(const record::Fact& fact) {
  std::vector<Spell> spells;
  for (const record::Spell& spell : fact.spells()) {
    spells.push_back(FromRecord(spell));
  }
  return spells;
}

}  // namespace

void ToRecord(const Spell& spell, record::Spell& out) {
  out.set_state(spell.state);
  out.set_about(spell.about);
  if (spell.from.has_value()) {
    *out.mutable_from() = orewatch::ToProto(*spell.from);
  }
  if (spell.until != absl::InfiniteFuture()) {
    *out.mutable_until() = orewatch::ToProto(spell.until);
  }
  out.set_unknown(spell.unknown);
}

Spell FromRecord(const record::Spell& spell) {
  return {.state = spell.state(),
          .about = spell.about(),
          .from = TimeIf(spell.has_from(), spell.from()),
          .until = TimeIf(spell.has_until(), spell.until()).value_or(absl::InfiniteFuture()),
          .unknown = spell.unknown()};
}

void ToRecord(const Happened& happened, record::Happened& out) {
  out.set_resource(happened.resource);
  ToRecord(happened.spell, *out.mutable_spell());
}

Happened FromRecord(const record::Happened& happened) {
  return {.resource = happened.resource(), .spell = FromRecord(happened.spell())};
}

void ToRecord(const Fact& fact, record::Fact& out) {
  out.set_resource(fact.resource);
  out.mutable_concerns()->Assign(fact.concerns.begin(), fact.concerns.end());
  for (const Spell& spell : fact.spells) {
    ToRecord(spell, *out.add_spells());
  }
  if (fact.visibility != Visibility()) {
    ToProto(fact.visibility, *out.mutable_visibility());
  }
  out.set_revision(fact.revision);
}

Fact FromRecord(const record::Fact& fact) {
  return {.resource = fact.resource(),
          .concerns = {fact.concerns().begin(), fact.concerns().end()},
          .spells = SpellsOf(fact),
          .visibility = FromProto(fact.visibility()),
          .revision = fact.revision()};
}

}  // namespace orewatch::alerting
