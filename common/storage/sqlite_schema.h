// Schemas of an SQLite file.
#pragma once

#include "absl/status/statusor.h"
#include "common/storage/schema.h"
#include "common/storage/sqlite.h"

namespace orewatch::storage {

// Brings a file, new or old, to the newest schema, within the caller's transaction. Returns the schema that it had; 0:
// none. Errors of CheckUsable.
absl::StatusOr<int> Migrate(Sqlite& db, const Schema& schema);

}  // namespace orewatch::storage
