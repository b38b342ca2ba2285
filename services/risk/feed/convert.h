// The registry's messages as the facts that risk computes with.
#pragma once

#include "orewatch/registry/v1/resources.pb.h"
#include "services/risk/domain/facts.h"

namespace orewatch::risk {

// Adds an entry of a snapshot, or the new state of a changed one. Entries that risk does not use are passed over.
void AddEntry(const registry::v1::Entry& entry, Changes& changes);
// Adds that an entry is gone.
void AddRemoval(const registry::v1::Entry& entry, Changes& changes);
// Adds every change of a set, or of a chunk of one.
void AddChangeSet(const registry::v1::ChangeSet& set, Changes& changes);

}  // namespace orewatch::risk
