// From what a group has changed to the statements that store it.
#pragma once

#include <vector>

#include "common/storage/postgres.h"
#include "services/registry/store/postgres/pending_changes.h"

namespace orewatch::registry {

// A few statements whatever the number of rows: each takes thousands of them as arrays.
std::vector<storage::PostgresStatement> StatementsFor(const PendingChanges& pending);

}  // namespace orewatch::registry
