// The tables of the SQLite engine.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/storage/schema.h"
#include "common/storage/sqlite.h"

namespace orewatch::risk {

// Brings a file, new or old, to this binary's schema. FAILED_PRECONDITION (SCHEMA_TOO_NEW) if a newer binary has
// changed it in a way that this one cannot use.
absl::StatusOr<storage::Migration> Migrate(storage::Sqlite& db);
// The same of a file that nobody has opened yet.
absl::StatusOr<storage::Migration> MigrateSqlite(const std::string& path);

}  // namespace orewatch::risk
