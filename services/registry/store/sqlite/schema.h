// The tables of the SQLite engine.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/storage/schema.h"
#include "common/storage/sqlite.h"

namespace orewatch::registry {

// Brings a database, new or old, to this binary's schema. FAILED_PRECONDITION if a newer binary has changed it in a way
// that this one cannot use (SCHEMA_TOO_NEW), or if it is older than the first release (SCHEMA_TOO_OLD).
absl::StatusOr<storage::Migration> Migrate(storage::Sqlite& db);
// The same of a file that nobody has opened yet.
absl::StatusOr<storage::Migration> MigrateSqlite(const std::string& path);

// A name for a history that has not been before.
std::string NewLineage();

}  // namespace orewatch::registry
