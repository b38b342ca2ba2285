// Schemas of an SQLite file.
#pragma once

#include "absl/status/statusor.h"
#include "common/storage/schema.h"
#include "common/storage/sqlite.h"

namespace orewatch::storage {

// Brings a file, new or old, to the newest schema, within the caller's transaction. Errors of CheckUsable.
absl::StatusOr<Migration> Migrate(Sqlite& db, const Schema& schema);

}  // namespace orewatch::storage
