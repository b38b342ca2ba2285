#include "services/alerting/store/postgres/schema.h"

#include <array>

#include "common/storage/postgres_schema.h"

namespace orewatch::alerting {
namespace {

constexpr std::array<const char*, 4> kMigrations = {R"sql(
  -- Who evaluates. Whoever writes under the epoch locks the row first (see common/storage/postgres_lease.h).
  CREATE TABLE lease(holder text NOT NULL, epoch bigint NOT NULL, expires bigint NOT NULL);
  INSERT INTO lease VALUES ('', 0, 0);
  -- Of page tokens, so that every replica takes those of every other.
  CREATE TABLE secret(secret bytea NOT NULL);
  INSERT INTO secret VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

  -- The last commit; its row is locked by each that follows. position: bytes, as are all bodies (see
  -- record/record_bytes.h). A body without bytes: what the row is about is gone.
  CREATE TABLE head(version bigint NOT NULL, token text NOT NULL, defaults_loaded bigint NOT NULL, position bytea NOT NULL);
  INSERT INTO head VALUES (0, substr(md5(gen_random_uuid()::text), 1, 16), 0, '');
  -- The newest of them.
  CREATE TABLE commits(version bigint PRIMARY KEY, token text NOT NULL);
  INSERT INTO commits SELECT version, token FROM head;

  CREATE TABLE rules(id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, body bytea NOT NULL);
  CREATE INDEX rules_by_version ON rules(version);
  CREATE TABLE scores(
    subject text COLLATE "C" NOT NULL, stage bigint NOT NULL, importer text COLLATE "C" NOT NULL, method bigint NOT NULL,
    version bigint NOT NULL, body bytea NOT NULL, PRIMARY KEY(subject, stage, importer, method));
  CREATE INDEX scores_by_version ON scores(version);
  CREATE TABLE alerts(id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, body bytea NOT NULL);
  CREATE INDEX alerts_by_version ON alerts(version);
  CREATE TABLE timeline(
    sequence bigint PRIMARY KEY, alert text COLLATE "C" NOT NULL, version bigint NOT NULL, body bytea NOT NULL);
  CREATE INDEX timeline_of_alert ON timeline(alert, sequence);
  -- time: microseconds since the epoch of Unix.
  CREATE TABLE requests(
    principal text COLLATE "C" NOT NULL, request_id text COLLATE "C" NOT NULL, fingerprint text NOT NULL,
    time bigint NOT NULL, answer bytea NOT NULL, PRIMARY KEY(principal, request_id));
  CREATE INDEX requests_by_time ON requests(time);
)sql",
                                                    R"sql(
  -- The outbox. States by number: 1 pending, 2 delivered, 3 notified, 4 dead, 5 superseded. Times as above; notified 0:
  -- not yet.
  CREATE TABLE deliveries(
    sequence bigint NOT NULL, target text COLLATE "C" NOT NULL, alert text COLLATE "C" NOT NULL, state bigint NOT NULL,
    created bigint NOT NULL, next_attempt bigint NOT NULL, notified bigint NOT NULL, body bytea NOT NULL,
    PRIMARY KEY(sequence, target));
  CREATE INDEX deliveries_of_alert ON deliveries(target, alert, sequence);
  CREATE INDEX deliveries_pending ON deliveries(target, sequence) WHERE state = 1;
  CREATE INDEX deliveries_unnotified ON deliveries(created) WHERE target = 'alertmanager' AND state IN (1, 2);
  CREATE INDEX deliveries_dead ON deliveries(target, sequence) WHERE state = 4;
)sql",
                                                    R"sql(
  -- What has happened in the registry.
  CREATE TABLE facts(id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, body bytea NOT NULL);
  CREATE INDEX facts_by_version ON facts(version);
)sql",
                                                    R"sql(
  -- Where the tables were last written; another place means that they come from a copy. Empty: not known yet.
  ALTER TABLE secret ADD COLUMN origin text NOT NULL DEFAULT '';
)sql"};

constexpr storage::PostgresSchema kSchema = {{"the alerting store", 1, kMigrations},
                                             "alerting_schema",
                                             "SELECT version, oldest_user FROM alerting_schema",
                                             0x6f726577'00000003};

}  // namespace

absl::StatusOr<storage::Migration> MigratePostgres(storage::Postgres& db) { return storage::Migrate(db, kSchema); }
absl::StatusOr<storage::Migration> MigratePostgres(const std::string& database) {
  return storage::Migrate(database, kSchema);
}

}  // namespace orewatch::alerting
