// The tables of the SQLite engine.
#pragma once

#include "absl/status/status.h"
#include "common/storage/sqlite.h"

namespace orewatch::risk {

// Brings a file, new or old, to this binary's schema. FAILED_PRECONDITION (SCHEMA_TOO_NEW) if a newer binary has
// changed it in a way that this one cannot use.
absl::Status Migrate(storage::Sqlite& db);

}  // namespace orewatch::risk
