// The states that things in the registry are in; docs/api/alerting.md has the table.
#pragma once

#include <cstddef>
#include <vector>

#include "orewatch/registry/v1/resources.pb.h"
#include "services/alerting/domain/fact.h"

namespace orewatch::alerting {

// Of a thing with more, those that last longest.
inline constexpr size_t kMaxSpells = 200;
// What is in a state is told to so many bytes.
inline constexpr size_t kMaxAboutBytes = 256;

// Sorted by state, what they are about, and time. Whatever has no known beginning or end where the table asks for one
// is in no state: unknown is neither.
std::vector<Spell> SpellsOf(const registry::v1::Entry& entry);

// Hundreds of the states that the thing says nothing of: no status, no target or nothing held.
std::vector<int> UnknownOf(const registry::v1::Entry& entry);

}  // namespace orewatch::alerting
