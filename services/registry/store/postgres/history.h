// The one row that says how far the history goes, and of which lineage it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/postgres.h"

namespace orewatch::registry {

// The row in a FROM clause, of a database that is there as a whole. A dump that is read in (pg_restore: tables, rows,
// keys, indexes, each by name) makes this index last, and drops it first.
#define OREWATCH_HISTORY "(SELECT * FROM history WHERE to_regclass('search_terms') IS NOT NULL) AS history"

struct History {
  std::string lineage;
  int64_t head = 0;
  absl::Time last_commit;
  int64_t earliest = 0;
  // Of the head.
  std::string digest;
  std::string secret;
  // Of the revision that was asked about; nothing if it is not there.
  std::optional<std::string> known_digest;
};

// Reads the row, and asks whether a revision is the one that is known.
storage::PostgresStatement ReadHistory(int64_t known_head);
// The same, locking the row until the end of the transaction, as the last commit left it.
storage::PostgresStatement LockHistory(int64_t known_head);
absl::StatusOr<History> HistoryOf(const storage::PostgresRows& rows);

// UNAVAILABLE: a dump is being read in, and there is less than there was or will be. Whatever joins the row and gets
// none has found this out; who finds nothing without it asks.
absl::Status HistoryMissing();
absl::Status CheckHistoryIsThere(storage::Postgres& db);

class KnownHistory;

// Learns what a new connection finds. What came from a backup, or whose server was promoted, may lack revisions that
// others have seen, so it begins a new lineage first: its origin (system, timeline, database, table) is not the one
// that it remembers, or it lacks a revision that this process knows to have been committed, or it is of a lineage that
// this process has seen end.
absl::Status OpenHistory(storage::Postgres& db, KnownHistory& known);

// A look on a connection that serves already. UNAVAILABLE (LINEAGE_CHANGED) if only a new one can tell which of two
// lineages is the newer.
absl::Status LookAtHistory(storage::Postgres& db, KnownHistory& known);

}  // namespace orewatch::registry
