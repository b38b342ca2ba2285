// The tables of the SQLite engine, as numbered migrations.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/schema.h"

namespace orewatch::storage {
class Sqlite;
}

namespace orewatch::alerting {

inline constexpr int64_t kNewestVersion = 5;

// Brings the file to the newest schema (to an older one only in tests), in one transaction. FAILED_PRECONDITION if a
// newer release has written it in a way that this one cannot use.
absl::StatusOr<storage::Migration> Migrate(storage::Sqlite& db, int64_t target = kNewestVersion);
// The same of a file that nobody has opened yet.
absl::StatusOr<storage::Migration> MigrateSqlite(const std::string& path);

}  // namespace orewatch::alerting
