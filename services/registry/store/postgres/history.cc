#include "services/registry/store/postgres/history.h"

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/registry/store/postgres/known_history.h"

namespace orewatch::registry {
namespace {

using storage::Postgres;
using storage::PostgresParameters;
using storage::PostgresStatement;

// A restore from a backup and a promotion begin a timeline, which the name of the log's current file starts with. A
// dump that is read in meets another system, another database, or makes the table anew.
constexpr char kOrigin[] =
    "SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()), "
    "left(pg_walfile_name(pg_current_wal_lsn()), 8), "
    "(SELECT oid FROM pg_database WHERE datname = current_database()), to_regclass('history')::oid)";
constexpr char kKnownOrigin[] = "SELECT origin FROM history";
constexpr char kHistoryIsThere[] = "SELECT head FROM " OREWATCH_HISTORY;
// One of several processes that find the same.
constexpr char kRenew[] =
    "UPDATE history SET lineage = gen_random_uuid()::text, origin = $1 WHERE lineage = $2 "
    "AND (origin <> $1 OR $3 <> 0)";

#define OREWATCH_READ_HISTORY                                     \
  "SELECT lineage, head, last_commit, earliest, digest, secret, " \
  "(SELECT c.digest FROM change_sets AS c WHERE c.revision = $1) FROM " OREWATCH_HISTORY
constexpr char kReadHistory[] = OREWATCH_READ_HISTORY;
constexpr char kLockHistory[] = OREWATCH_READ_HISTORY " FOR UPDATE";
#undef OREWATCH_READ_HISTORY

absl::StatusOr<History> Read(Postgres& db, int64_t known_head) {
  const PostgresStatement statement = ReadHistory(known_head);
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(statement.sql, statement.parameters));
  return HistoryOf(rows);
}

}  // namespace

PostgresStatement ReadHistory(int64_t known_head) { return {kReadHistory, PostgresParameters().Int(known_head)}; }
PostgresStatement LockHistory(int64_t known_head) { return {kLockHistory, PostgresParameters().Int(known_head)}; }

absl::StatusOr<History> HistoryOf(const storage::PostgresRows& rows) {
  if (rows.size() != 1) {
    return HistoryMissing();
  }
  return History{std::string(rows.Text(0, 0)),
                 rows.Int(0, 1),
                 absl::FromUnixMicros(rows.Int(0, 2)),
                 rows.Int(0, 3),
                 std::string(rows.Bytes(0, 4)),
                 std::string(rows.Bytes(0, 5)),
                 rows.IsNull(0, 6) ? std::nullopt : std::make_optional(std::string(rows.Bytes(0, 6)))};
}

absl::Status HistoryMissing() {
  return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                   "the database has no history: it is being restored, or was emptied");
}

absl::Status CheckHistoryIsThere(Postgres& db) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kHistoryIsThere));
  return rows.empty() ? HistoryMissing() : absl::OkStatus();
}

absl::Status OpenHistory(Postgres& db, KnownHistory& known) {
  const KnownHistory::Position before = known.position();
  OREWATCH_ASSIGN_OR_RETURN(const auto results, db.Run({{kOrigin}, {kKnownOrigin}, ReadHistory(before.head)}));
  OREWATCH_ASSIGN_OR_RETURN(History history, HistoryOf(results[2]));
  const std::string origin(results[0].Text(0, 0));
  const std::string known_origin(results[1].Text(0, 0));
  const bool contradicts = Contradicts(before, history) || known.HasLeft(history.lineage);
  if (origin != known_origin || contradicts) {
    if (!known_origin.empty()) {
      log::Warning("the database was restored or its server promoted: a new lineage begins",
                   {{"origin", origin}, {"before", known_origin}, {"head", history.head}, {"known", before.head}});
    }
    OREWATCH_RETURN_IF_ERROR(
        db.Query(kRenew, PostgresParameters().Text(origin).Text(history.lineage).Int(int64_t{contradicts})).status());
    OREWATCH_ASSIGN_OR_RETURN(history, Read(db, before.head));
  }
  known.Adopt(history);
  return absl::OkStatus();
}

absl::Status LookAtHistory(Postgres& db, KnownHistory& known) {
  const KnownHistory::Position before = known.position();
  OREWATCH_ASSIGN_OR_RETURN(const History history, Read(db, before.head));
  if (history.lineage != before.lineage) {
    return MakeError(absl::StatusCode::kUnavailable, "LINEAGE_CHANGED", "the database is of another lineage");
  }
  if (Contradicts(before, history)) {
    return OpenHistory(db, known);
  }
  known.Adopt(history);
  return absl::OkStatus();
}

}  // namespace orewatch::registry
