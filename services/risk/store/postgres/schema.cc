#include "services/risk/store/postgres/schema.h"

#include <array>

#include "common/storage/postgres_schema.h"

namespace orewatch::risk {
namespace {

constexpr std::array<const char*, 2> kMigrations = {R"sql(
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
)sql",
                                                    R"sql(
  -- Of page tokens, so that every replica takes those of every other.
  CREATE TABLE secret(secret bytea NOT NULL);
  INSERT INTO secret VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
)sql"};

constexpr storage::PostgresSchema kSchema = {{"the score history", 1, kMigrations},
                                             "risk_schema",
                                             "SELECT version, oldest_user FROM risk_schema",
                                             0x6f726577'00000002};

}  // namespace

absl::StatusOr<storage::Migration> Migrate(storage::Postgres& db) { return storage::Migrate(db, kSchema); }
absl::StatusOr<storage::Migration> MigratePostgres(const std::string& database) {
  return storage::Migrate(database, kSchema);
}

}  // namespace orewatch::risk
