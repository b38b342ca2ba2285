// The tables of the PostgreSQL engine.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/storage/postgres.h"
#include "common/storage/schema.h"

namespace orewatch::alerting {

// Brings a database, new or old, to this binary's schema, whichever replica is first.
// FAILED_PRECONDITION (SCHEMA_TOO_NEW) if a newer binary has changed it in a way that this one cannot use.
absl::StatusOr<storage::Migration> MigratePostgres(storage::Postgres& db);
// The same of a database that nobody has opened yet.
absl::StatusOr<storage::Migration> MigratePostgres(const std::string& database);

}  // namespace orewatch::alerting
