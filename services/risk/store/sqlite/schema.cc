#include "services/risk/store/sqlite/schema.h"

#include <array>

#include "common/status/status.h"
#include "common/storage/sqlite_schema.h"

namespace orewatch::risk {
namespace {

constexpr std::array<const char*, 2> kMigrations = {R"sql(
  -- Who may append. epoch: counts the holders; expires: microseconds since the epoch of Unix, as all times here.
  CREATE TABLE lease(holder TEXT NOT NULL, epoch INTEGER NOT NULL, expires INTEGER NOT NULL);
  INSERT INTO lease VALUES ('', 0, 0);

  -- Up to which everything has been recorded, and the last sequence given.
  CREATE TABLE position(
    lineage TEXT NOT NULL, revision INTEGER NOT NULL, digest BLOB NOT NULL, sequence INTEGER NOT NULL);
  INSERT INTO position VALUES ('', 0, x'', 0);

  -- What was recorded together. superseded: 1 if the registry has lost the revision.
  CREATE TABLE appends(
    sequence INTEGER PRIMARY KEY, lineage TEXT NOT NULL, revision INTEGER NOT NULL, digest BLOB NOT NULL,
    commit_time INTEGER NOT NULL, superseded INTEGER NOT NULL);
  CREATE INDEX appends_by_revision ON appends(revision);

  -- payload: see record_bytes.h
  CREATE TABLE scores(
    subject TEXT NOT NULL, stage INTEGER NOT NULL, importer TEXT NOT NULL, method INTEGER NOT NULL,
    sequence INTEGER NOT NULL, year INTEGER NOT NULL, edition TEXT NOT NULL, parameter_set TEXT NOT NULL,
    payload BLOB NOT NULL, PRIMARY KEY(subject, stage, importer, method, sequence)) WITHOUT ROWID;
  -- Of what is not superseded the last of each score.
  CREATE TABLE latest(
    subject TEXT NOT NULL, stage INTEGER NOT NULL, importer TEXT NOT NULL, method INTEGER NOT NULL,
    sequence INTEGER NOT NULL, PRIMARY KEY(subject, stage, importer, method)) WITHOUT ROWID;
)sql",
                                                    R"sql(
  -- Of page tokens, so that every replica takes those of every other.
  CREATE TABLE secret(secret BLOB NOT NULL);
  INSERT INTO secret VALUES (randomblob(32));
)sql"};

constexpr storage::Schema kSchema = {"the score history", 1, kMigrations};

}  // namespace

absl::StatusOr<storage::Migration> Migrate(storage::Sqlite& db) {
  absl::StatusOr<storage::Migration> migration = storage::Migration();
  OREWATCH_RETURN_IF_ERROR(db.Transact([&] {
    migration = storage::Migrate(db, kSchema);
    return migration.status();
  }));
  return migration;
}

absl::StatusOr<storage::Migration> MigrateSqlite(const std::string& path) {
  OREWATCH_ASSIGN_OR_RETURN(const auto db, storage::Sqlite::Open(path));
  return Migrate(*db);
}

}  // namespace orewatch::risk
