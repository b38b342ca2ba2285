#include "services/risk/store/postgres/schema.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::risk {
namespace {

using storage::PostgresParameters;

// Each leads to the next schema; forward only. A migration that an older binary cannot live with raises oldest_user.
constexpr std::array<const char*, 1> kMigrations = {R"sql(
  CREATE TABLE risk_schema(version integer NOT NULL, oldest_user integer NOT NULL);
  INSERT INTO risk_schema VALUES (0, 1);

  -- Who may append. Every writer locks the row first. epoch: counts the holders; expires: microseconds since the epoch
  -- of Unix, as all times here.
  CREATE TABLE lease(holder text NOT NULL, epoch bigint NOT NULL, expires bigint NOT NULL);
  INSERT INTO lease VALUES ('', 0, 0);

  -- Up to which everything has been recorded, and the last sequence given.
  CREATE TABLE position(lineage text NOT NULL, revision bigint NOT NULL, digest bytea NOT NULL, sequence bigint NOT NULL);
  INSERT INTO position VALUES ('', 0, '', 0);

  -- What was recorded together. superseded: 1 if the registry has lost the revision.
  CREATE TABLE appends(
    sequence bigint PRIMARY KEY, lineage text NOT NULL, revision bigint NOT NULL, digest bytea NOT NULL,
    commit_time bigint NOT NULL, superseded smallint NOT NULL);
  CREATE INDEX appends_by_revision ON appends(revision);

  -- payload: see record_bytes.h. Keys sort by their bytes, as in every engine.
  CREATE TABLE scores(
    subject text COLLATE "C" NOT NULL, stage bigint NOT NULL, importer text COLLATE "C" NOT NULL, method bigint NOT NULL,
    sequence bigint NOT NULL, year integer NOT NULL, edition text NOT NULL, parameter_set text NOT NULL,
    payload bytea NOT NULL, PRIMARY KEY(subject, stage, importer, method, sequence));
  -- Of what is not superseded the last of each score.
  CREATE TABLE latest(
    subject text COLLATE "C" NOT NULL, stage bigint NOT NULL, importer text COLLATE "C" NOT NULL, method bigint NOT NULL,
    sequence bigint NOT NULL, PRIMARY KEY(subject, stage, importer, method));
)sql"};

constexpr int kSchemaVersion = static_cast<int>(kMigrations.size());
// Any number that no other program takes for a lock in this database.
constexpr int64_t kMigrationLock = 0x6f726577'00000002;

absl::StatusOr<int> MigrateUnderLock(storage::Postgres& db) {
  OREWATCH_RETURN_IF_ERROR(
      db.Query("SELECT pg_advisory_xact_lock($1)", PostgresParameters().Int(kMigrationLock)).status());
  int version = 0;
  // Asked first, so that a role without the right to create may use what exists.
  OREWATCH_ASSIGN_OR_RETURN(const auto table, db.Query("SELECT to_regclass('risk_schema') IS NOT NULL"));
  if (table.Int(0, 0) != 0) {
    OREWATCH_ASSIGN_OR_RETURN(const auto row, db.Query("SELECT version, oldest_user FROM risk_schema"));
    version = static_cast<int>(row.Int(0, 0));
    if (row.Int(0, 1) > kSchemaVersion) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW",
                       absl::StrCat("the score history has schema ", version, "; this binary knows ", kSchemaVersion));
    }
  }
  if (version >= kSchemaVersion) {
    return version;
  }
  for (int next = version; next < kSchemaVersion; ++next) {
    OREWATCH_RETURN_IF_ERROR(db.Execute(kMigrations.at(static_cast<size_t>(next))));
  }
  OREWATCH_RETURN_IF_ERROR(
      db.Query("UPDATE risk_schema SET version = $1", PostgresParameters().Int(kSchemaVersion)).status());
  return kSchemaVersion;
}

}  // namespace

absl::StatusOr<int> Migrate(storage::Postgres& db) {
  absl::StatusOr<int> version = 0;
  OREWATCH_RETURN_IF_ERROR(db.Transact([&] {
    version = MigrateUnderLock(db);
    return version.status();
  }));
  return version;
}

}  // namespace orewatch::risk
