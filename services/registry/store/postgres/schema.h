// The tables of the PostgreSQL engine.
#pragma once

#include "absl/status/statusor.h"
#include "common/storage/postgres.h"

namespace orewatch::registry {

// Brings a database, new or old, to this binary's schema, whichever replica is first; returns its version.
// FAILED_PRECONDITION if a newer binary has changed it in a way that this one cannot use (SCHEMA_TOO_NEW), or if it is
// older than the first release (SCHEMA_TOO_OLD).
absl::StatusOr<int> Migrate(storage::Postgres& db);

}  // namespace orewatch::registry
