// The tables of the PostgreSQL engine.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/storage/postgres.h"
#include "common/storage/schema.h"

namespace orewatch::registry {

// Brings a database, new or old, to this binary's schema, whichever replica is first.
// FAILED_PRECONDITION if a newer binary has changed it in a way that this one cannot use (SCHEMA_TOO_NEW), or if it is
// older than the first release (SCHEMA_TOO_OLD).
absl::StatusOr<storage::Migration> Migrate(storage::Postgres& db);
// The same of a database that nobody has opened yet.
absl::StatusOr<storage::Migration> MigratePostgres(const std::string& database);

}  // namespace orewatch::registry
