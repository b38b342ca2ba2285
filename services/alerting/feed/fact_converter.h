// Entries of the registry as facts. Pure: the same entry makes the same fact, whenever it is looked at.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "services/alerting/domain/fact.h"

namespace orewatch::alerting {

// Nothing for an entry of a kind that is in none of the states, ever.
std::optional<Fact> FactOf(const registry::v1::Entry& entry);

// Of a change that leaves an entry, with the change of owners that it may be. Who may read the entry now, and could not
// read it before, learns of no such change.
std::optional<Fact> FactOf(const registry::v1::Change& change, absl::Time commit_time);

}  // namespace orewatch::alerting
