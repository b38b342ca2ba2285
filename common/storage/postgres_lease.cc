#include "common/storage/postgres_lease.h"

#include "common/status/status.h"

namespace orewatch::storage {
namespace {

// The row is read again once another transaction that holds it has ended, and the time with it.
constexpr char kTake[] =
    "UPDATE lease SET epoch = epoch + (holder <> $1)::integer, holder = $1, expires = $2 +"
    " CASE WHEN $3 >= 0 THEN $3 ELSE (extract(epoch FROM clock_timestamp()) * 1000000)::bigint END"
    " WHERE holder = $1 OR expires <="
    " CASE WHEN $3 >= 0 THEN $3 ELSE (extract(epoch FROM clock_timestamp()) * 1000000)::bigint END RETURNING epoch";
constexpr char kGiveUp[] = "UPDATE lease SET holder = '', expires = 0 WHERE epoch = $1";
constexpr char kLock[] = "SELECT epoch FROM lease WHERE holder <> '' FOR UPDATE";
constexpr int64_t kServersClock = -1;

}  // namespace

absl::StatusOr<std::optional<int64_t>> TakeLease(Postgres& db, const std::string& holder, absl::Duration life,
                                                 std::optional<absl::Time> now) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows,
                            db.Query(kTake, PostgresParameters()
                                                .Text(holder)
                                                .Int(absl::ToInt64Microseconds(life))
                                                .Int(now.has_value() ? absl::ToUnixMicros(*now) : kServersClock)));
  return rows.empty() ? std::nullopt : std::optional<int64_t>(rows.Int(0, 0));
}

absl::Status GiveUpLease(Postgres& db, int64_t epoch) {
  return db.Query(kGiveUp, PostgresParameters().Int(epoch)).status();
}

absl::StatusOr<bool> HoldsLease(Postgres& db, int64_t epoch) {
  OREWATCH_ASSIGN_OR_RETURN(const auto row, db.Query(kLock));
  return !row.empty() && row.Int(0, 0) == epoch;
}

}  // namespace orewatch::storage
