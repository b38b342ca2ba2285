// The registry's suppliers, facilities, links and requirements as facts of supply chains.
#pragma once

#include "orewatch/registry/v1/resources.pb.h"
#include "services/risk/domain/chain_facts.h"

namespace orewatch::risk {

// Adds an entry as it is now, or that it is gone. Entries of other kinds are passed over.
void AddChainEntry(const registry::v1::Entry& entry, bool present, ChainChanges& changes);

}  // namespace orewatch::risk
