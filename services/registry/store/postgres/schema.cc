#include "services/registry/store/postgres/schema.h"

#include <array>

#include "common/storage/postgres_schema.h"

namespace orewatch::registry {
namespace {

constexpr int kFirstSchema = 2;
constexpr std::array<const char*, 1> kMigrations = {R"sql(
  -- One row: every writer locks it first, so that revisions are dense and in the order of commits.
  -- origin: where the rows are (see history.cc); last_commit: microseconds since the epoch, as all times here; digest: of
  -- the head; earliest: revision to read from; searched: earliest revision to search at, unless `earliest` is above.
  CREATE TABLE history(
    lineage text NOT NULL, origin text NOT NULL, head bigint NOT NULL, last_commit bigint NOT NULL,
    digest bytea NOT NULL, earliest bigint NOT NULL, searched bigint NOT NULL, secret bytea NOT NULL);
  INSERT INTO history VALUES ('', '', 0, 0, '', 0, 0,
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

  -- Versions of resources and statistics; the last has to_revision = 9223372036854775807, and a delete_time if deleted.
  -- Keys sort by their bytes, as in every engine.
  CREATE TABLE entries(
    kind smallint NOT NULL, key text COLLATE "C" NOT NULL, from_revision bigint NOT NULL, to_revision bigint NOT NULL,
    create_time bigint NOT NULL, update_time bigint NOT NULL, delete_time bigint, payload bytea NOT NULL,
    PRIMARY KEY(kind, key, from_revision));
  CREATE INDEX entries_deleted ON entries(delete_time, kind, key) WHERE delete_time IS NOT NULL;
  -- Versions that compaction has moved out of the way.
  CREATE TABLE audit_entries(
    kind smallint NOT NULL, key text COLLATE "C" NOT NULL, from_revision bigint NOT NULL, to_revision bigint NOT NULL,
    create_time bigint NOT NULL, update_time bigint NOT NULL, delete_time bigint, payload bytea NOT NULL,
    PRIMARY KEY(kind, key, from_revision));

  -- Who refers to whom now.
  CREATE TABLE refs(
    target text COLLATE "C" NOT NULL, source_kind smallint NOT NULL, source_key text COLLATE "C" NOT NULL,
    PRIMARY KEY(target, source_kind, source_key));

  -- transaction: a number that its writer drew, by which it knows whether a COMMIT without an answer has happened.
  CREATE TABLE change_sets(
    revision bigint PRIMARY KEY, commit_time bigint NOT NULL, principal text NOT NULL, request_id text NOT NULL,
    digest bytea NOT NULL, transaction bigint NOT NULL);
  CREATE INDEX change_sets_by_time ON change_sets(commit_time);
  -- Before and after are the versions of `entries` that end and begin at the revision.
  CREATE TABLE changes(
    revision bigint NOT NULL, number integer NOT NULL, kind smallint NOT NULL, key text COLLATE "C" NOT NULL,
    operation smallint NOT NULL, PRIMARY KEY(revision, number));
  CREATE INDEX changes_by_entry ON changes(kind, key, revision);

  CREATE TABLE requests(
    principal text NOT NULL, request_id text NOT NULL, time bigint NOT NULL, digest bytea NOT NULL, answer bytea NOT NULL,
    PRIMARY KEY(principal, request_id));
  CREATE INDEX requests_by_time ON requests(time);

  -- What versions of live resources are found by (see search.cc): the words of domain/search_terms.h, each between two
  -- blanks, how many they are, and each of them once; and by whom, null: everybody. Rows of versions that have ended stay
  -- until no page of a search can show them. A page has room for the end of a row, so that it does not move.
  CREATE TABLE search(
    kind smallint NOT NULL, key text COLLATE "C" NOT NULL, from_revision bigint NOT NULL, to_revision bigint NOT NULL,
    readers text[] COLLATE "C", title text COLLATE "C" NOT NULL, body text COLLATE "C" NOT NULL,
    length integer NOT NULL, terms tsvector NOT NULL, PRIMARY KEY(kind, key, from_revision)) WITH (fillfactor = 85);
  -- Made last where a dump is read in (see history.h).
  CREATE INDEX search_terms ON search USING gin(terms);

  -- How far named followers have read, and when they last said so.
  CREATE TABLE followers(follower text PRIMARY KEY, revision bigint NOT NULL, time bigint NOT NULL);
)sql"};

constexpr storage::PostgresSchema kSchema = {{"the database", kFirstSchema, kMigrations},
                                             "schema",
                                             "SELECT version, oldest_user FROM schema",
                                             0x6f726577'00000001};

}  // namespace

absl::StatusOr<storage::Migration> Migrate(storage::Postgres& db) { return storage::Migrate(db, kSchema); }
absl::StatusOr<storage::Migration> MigratePostgres(const std::string& database) {
  return storage::Migrate(database, kSchema);
}

}  // namespace orewatch::registry
