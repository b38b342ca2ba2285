// Facilities and suppliers as nodes of the chain of one mineral.
#pragma once

#include <set>
#include <string>

#include "services/risk/domain/chain_facts.h"
#include "services/risk/domain/supply_graph.h"

namespace orewatch::risk {

inline constexpr double kDaysPerYear = 365;

// What it makes or uses.
std::set<std::string> MineralsOf(const FacilityFact& facility);

// All inputs of one product as one: uses and stocks add up and are unknown where one is; it is essential if one is. The
// grade and the months are those of the first. Nothing: it names none.
std::optional<FacilityInput> InputOf(const FacilityFact& facility, const std::string& mineral,
                                     const std::string& product);

// Where all that a facility makes of the mineral is mined and it names no input of it, the chain begins there. What
// does not run offers nothing.
NodeFacts NodeOf(const FacilityFact& facility, const std::string& mineral);

// A supplier that is linked as such: where it ships from is not known, only where its seat is.
NodeFacts NodeOf(const SupplierFact& supplier);

LinkFacts LinkOf(const ChainLinkFact& link);

}  // namespace orewatch::risk
