// The tables of the SQLite engine, as numbered migrations.
#pragma once

#include <cstdint>

#include "absl/status/status.h"

namespace orewatch::storage {
class Sqlite;
}

namespace orewatch::alerting {

inline constexpr int64_t kNewestVersion = 5;

// Brings the file to the newest schema (to an older one only in tests), in one transaction. FAILED_PRECONDITION if a
// newer release has written it in a way that this one cannot use.
absl::Status Migrate(storage::Sqlite& db, int64_t target = kNewestVersion);

}  // namespace orewatch::alerting
