#include "services/registry/store/postgres/history.h"

#include "common/log/log.h"
#include "common/status/status.h"

namespace orewatch::registry {
namespace {

using storage::Postgres;
using storage::PostgresParameters;

// A restore from a backup and a promotion begin a timeline, which the name of the log's current file starts with; a
// dump read into another server meets another system, and into the same server another database.
constexpr char kOrigin[] =
    "SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()), "
    "left(pg_walfile_name(pg_current_wal_lsn()), 8), "
    "(SELECT oid FROM pg_database WHERE datname = current_database()))";
constexpr char kKnownOrigin[] = "SELECT origin FROM history FOR UPDATE";

absl::Status BeginLineage(Postgres& db, const std::string& origin) {
  return db.Transact([&]() -> absl::Status {
    OREWATCH_ASSIGN_OR_RETURN(const auto known, db.Query(kKnownOrigin));
    if (known.empty() || known.Text(0, 0) == origin) {
      return absl::OkStatus();
    }
    if (!known.Text(0, 0).empty()) {
      log::Warning("the database was restored or its server promoted: a new lineage begins", {{"origin", origin}});
    }
    return db
        .Query("UPDATE history SET lineage = gen_random_uuid()::text, origin = $1", PostgresParameters().Text(origin))
        .status();
  });
}

}  // namespace

absl::StatusOr<History> HistoryOf(const storage::PostgresRows& rows) {
  if (rows.size() != 1) {
    return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "the database has no history");
  }
  return History{std::string(rows.Text(0, 0)), rows.Int(0, 1), absl::FromUnixMicros(rows.Int(0, 2))};
}

absl::StatusOr<History> OpenHistory(Postgres& db) {
  OREWATCH_ASSIGN_OR_RETURN(const auto results, db.Run({{kOrigin}, {"SELECT origin FROM history"}}));
  const std::string origin(results[0].Text(0, 0));
  if (!results[1].empty() && results[1].Text(0, 0) != origin) {
    OREWATCH_RETURN_IF_ERROR(BeginLineage(db, origin));
  }
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kReadHistory));
  return HistoryOf(rows);
}

}  // namespace orewatch::registry
