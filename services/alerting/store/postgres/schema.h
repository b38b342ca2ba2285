// The tables of the PostgreSQL engine.
#pragma once

#include "absl/status/statusor.h"
#include "common/storage/postgres.h"

namespace orewatch::alerting {

// Brings a database, new or old, to this binary's schema, whichever replica is first; returns its version.
// FAILED_PRECONDITION (SCHEMA_TOO_NEW) if a newer binary has changed it in a way that this one cannot use.
absl::StatusOr<int> MigratePostgres(storage::Postgres& db);

}  // namespace orewatch::alerting
