// The tables of the SQLite engine, as numbered migrations.
#pragma once

#include "absl/status/status.h"

namespace orewatch::storage {
class Sqlite;
}

namespace orewatch::alerting {

// Brings the file to the newest schema, in one transaction. FAILED_PRECONDITION if a newer release has written it in a
// way that this one cannot use.
absl::Status Migrate(storage::Sqlite& db);

}  // namespace orewatch::alerting
