// Where in the registry facts are.
#pragma once

#include "orewatch/registry/v1/registry.pb.h"

namespace orewatch::alerting {

// Has a stream tell of the collections alone whose things can be in a state.
inline void AskForFacts(registry::v1::WatchRequest& request) {
  for (const char* collection :
       {"suppliers", "facilities", "projects", "agreements", "measures", "stockpiles", "events"}) {
    request.add_kinds(collection);
  }
}

}  // namespace orewatch::alerting
