// The one row that says how far the history goes, and of which lineage it is.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/postgres.h"

namespace orewatch::registry {

struct History {
  std::string lineage;
  int64_t head = 0;
  absl::Time last_commit;
};

// Reads the row on a new connection. A database that came from a backup, or whose server was promoted, may lack
// revisions that others have seen, so it gets a new lineage first: its origin (system, timeline, database) is not the
// one that it remembers.
absl::StatusOr<History> OpenHistory(storage::Postgres& db);

// Locks the row until the end of the transaction; reads it as the last commit left it.
inline constexpr char kLockHistory[] = "SELECT lineage, head, last_commit FROM history FOR UPDATE";
inline constexpr char kReadHistory[] = "SELECT lineage, head, last_commit FROM history";
// DATA_LOSS if there is not one row.
absl::StatusOr<History> HistoryOf(const storage::PostgresRows& rows);

}  // namespace orewatch::registry
