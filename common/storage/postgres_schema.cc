#include "common/storage/postgres_schema.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::storage {
namespace {

// The version; 0 where there is none yet.
absl::StatusOr<int> FindVersion(Postgres& db, const PostgresSchema& wanted) {
  // Asked first, so that a role without the right to create may use what exists.
  OREWATCH_ASSIGN_OR_RETURN(const auto table,
                            db.Query("SELECT to_regclass($1) IS NOT NULL", PostgresParameters().Text(wanted.table)));
  if (table.Int(0, 0) == 0) {
    OREWATCH_RETURN_IF_ERROR(db.Execute(
        absl::StrCat("CREATE TABLE ", wanted.table, "(version integer NOT NULL, oldest_user integer NOT NULL); ",
                     "INSERT INTO ", wanted.table, " VALUES (0, ", wanted.schema.first, ")")));
    return 0;
  }
  OREWATCH_ASSIGN_OR_RETURN(const auto row, db.Query(wanted.read_table));
  const int version = static_cast<int>(row.Int(0, 0));
  OREWATCH_RETURN_IF_ERROR(CheckUsable(wanted.schema, version, static_cast<int>(row.Int(0, 1))));
  return version;
}

absl::StatusOr<Migration> MigrateUnderLock(Postgres& db, const PostgresSchema& wanted) {
  const Schema& schema = wanted.schema;
  OREWATCH_RETURN_IF_ERROR(
      db.Query("SELECT pg_advisory_xact_lock($1)", PostgresParameters().Int(wanted.lock)).status());
  OREWATCH_ASSIGN_OR_RETURN(const int version, FindVersion(db, wanted));
  for (int next = std::max(version + 1, schema.first); next <= schema.newest(); ++next) {
    OREWATCH_RETURN_IF_ERROR(OfStep(schema.database, next, db.Execute(schema.MigrationTo(next))));
  }
  if (version < schema.newest()) {
    OREWATCH_RETURN_IF_ERROR(db.Execute(absl::StrCat("UPDATE ", wanted.table, " SET version = ", schema.newest())));
  }
  return Migration{version, std::max(version, schema.newest())};
}

}  // namespace

absl::StatusOr<Migration> Migrate(Postgres& db, const PostgresSchema& wanted) {
  absl::StatusOr<Migration> migration = Migration();
  OREWATCH_RETURN_IF_ERROR(db.Transact([&] {
    migration = MigrateUnderLock(db, wanted);
    return migration.status();
  }));
  return migration;
}

absl::StatusOr<Migration> Migrate(const std::string& database, const PostgresSchema& wanted) {
  PostgresOptions options;
  options.database = database;
  options.application_name = "orewatch-migrate";
  OREWATCH_ASSIGN_OR_RETURN(const auto db, Postgres::Open(options));
  return Migrate(*db, wanted);
}

}  // namespace orewatch::storage
