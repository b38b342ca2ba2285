#include "services/registry/store/postgres/schema.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::registry {
namespace {

using storage::PostgresParameters;

// Numbered from 1, forward only. A migration that an older binary cannot live with raises oldest_user.
constexpr std::array<const char*, 1> kMigrations = {R"sql(
  CREATE TABLE schema(version integer NOT NULL, oldest_user integer NOT NULL);
  INSERT INTO schema VALUES (0, 1);

  -- One row: every writer locks it first, so that revisions are dense and in the order of commits.
  -- origin: the server and its timeline (see history.cc); last_commit: microseconds since the epoch, as all times here.
  CREATE TABLE history(
    lineage text NOT NULL, origin text NOT NULL, head bigint NOT NULL, last_commit bigint NOT NULL);
  INSERT INTO history VALUES ('', '', 0, 0);

  -- Versions of resources and statistics; a live one has to_revision = 9223372036854775807.
  -- Keys sort by their bytes, as in every engine.
  CREATE TABLE entries(
    kind smallint NOT NULL, key text COLLATE "C" NOT NULL, from_revision bigint NOT NULL, to_revision bigint NOT NULL,
    create_time bigint NOT NULL, update_time bigint NOT NULL, payload bytea NOT NULL,
    PRIMARY KEY(kind, key, from_revision));

  -- Who refers to whom now.
  CREATE TABLE refs(
    target text COLLATE "C" NOT NULL, source_kind smallint NOT NULL, source_key text COLLATE "C" NOT NULL,
    PRIMARY KEY(target, source_kind, source_key));

  -- transaction: a number that its writer drew, by which it knows whether a COMMIT without an answer has happened.
  CREATE TABLE change_sets(
    revision bigint PRIMARY KEY, commit_time bigint NOT NULL, principal text NOT NULL, request_id text NOT NULL,
    transaction bigint NOT NULL);
  -- Before and after are the versions of `entries` that end and begin at the revision.
  CREATE TABLE changes(
    revision bigint NOT NULL, number integer NOT NULL, kind smallint NOT NULL, key text COLLATE "C" NOT NULL,
    operation smallint NOT NULL, PRIMARY KEY(revision, number));

  CREATE TABLE requests(
    principal text NOT NULL, request_id text NOT NULL, time bigint NOT NULL, digest bytea NOT NULL, answer bytea NOT NULL,
    PRIMARY KEY(principal, request_id));
  CREATE INDEX requests_by_time ON requests(time);
)sql"};

constexpr int kSchemaVersion = static_cast<int>(kMigrations.size());
// Any number that no other program takes for a lock in this database.
constexpr int64_t kMigrationLock = 0x6f726577'00000001;

absl::Status ApplyFrom(int version, storage::Postgres& db) {
  for (int next = version; next < kSchemaVersion; ++next) {
    OREWATCH_RETURN_IF_ERROR(db.Execute(kMigrations.at(static_cast<size_t>(next))));
  }
  return db.Query("UPDATE schema SET version = $1", PostgresParameters().Int(kSchemaVersion)).status();
}

absl::StatusOr<int> MigrateUnderLock(storage::Postgres& db) {
  OREWATCH_RETURN_IF_ERROR(
      db.Query("SELECT pg_advisory_xact_lock($1)", PostgresParameters().Int(kMigrationLock)).status());
  int version = 0;
  // Asked first, so that a role without the right to create may use what exists.
  OREWATCH_ASSIGN_OR_RETURN(const auto table, db.Query("SELECT to_regclass('schema') IS NOT NULL"));
  if (table.Int(0, 0) != 0) {
    OREWATCH_ASSIGN_OR_RETURN(const auto row, db.Query("SELECT version, oldest_user FROM schema"));
    version = static_cast<int>(row.Int(0, 0));
    if (row.Int(0, 1) > kSchemaVersion) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW",
                       absl::StrCat("the database has schema ", version, "; this binary knows ", kSchemaVersion));
    }
  }
  if (version < kSchemaVersion) {
    OREWATCH_RETURN_IF_ERROR(ApplyFrom(version, db));
  }
  return std::max(version, kSchemaVersion);
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

}  // namespace orewatch::registry
