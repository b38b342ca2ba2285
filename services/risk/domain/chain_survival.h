// For how many days one who uses minerals is supplied after a loss, from what one principal may read of the chains.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "services/risk/domain/chain_cone.h"
#include "services/risk/domain/time_to_survive.h"

namespace orewatch::risk {

// Whose supply.
struct Supplied {
  // Resource names of facilities and suppliers; the first that runs short decides.
  std::set<std::string> names;
  // Only of this; empty: of everything.
  std::string mineral;
  std::string product;
};

// What is lost: a facility, a supplier with its facilities, or all that stands in a country.
struct Loss {
  // Resource name; empty: a country is lost.
  std::string name;
  CountryIndex country = kUnknownCountry;
};

// From the loss to the first shortage, over all that lies upstream, of whatever mineral: a facility stops for want of
// any essential input. Beside the reasons of Days: SOURCES_UNKNOWN where a part of what is used upstream comes from
// nobody knows where, LOCATION_UNKNOWN where a supplier may ship from what is lost, CHAIN_TRUNCATED where more lies
// upstream than the budget allows; each may make the earliest day earlier, and leaves the latest as it is.
Days DaysAfter(const ChainView& view, const Supplied& supplied, const Loss& loss, LinkBudget budget);

}  // namespace orewatch::risk
