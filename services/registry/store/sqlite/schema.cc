#include "services/registry/store/sqlite/schema.h"

#include <uuid/uuid.h>

#include <array>

#include "common/status/status.h"
#include "common/storage/sqlite_schema.h"

namespace orewatch::registry {
namespace {

constexpr int kFirstSchema = 2;
constexpr std::array<const char*, 1> kMigrations = {R"sql(
  -- lineage, head revision, time of the last commit (microseconds since the epoch), earliest revision to read from,
  -- earliest revision to search at unless that is above
  CREATE TABLE history(
    lineage TEXT NOT NULL, head INTEGER NOT NULL, last_commit INTEGER NOT NULL, earliest INTEGER NOT NULL,
    searched INTEGER NOT NULL, secret BLOB NOT NULL);

  -- Versions of resources and statistics; the last has to_revision = 9223372036854775807, and a delete_time if deleted.
  CREATE TABLE entries(
    kind INTEGER NOT NULL, key TEXT NOT NULL, from_revision INTEGER NOT NULL, to_revision INTEGER NOT NULL,
    create_time INTEGER NOT NULL, update_time INTEGER NOT NULL, delete_time INTEGER, payload BLOB NOT NULL,
    PRIMARY KEY(kind, key, from_revision)) WITHOUT ROWID;
  CREATE INDEX entries_deleted ON entries(delete_time) WHERE delete_time IS NOT NULL;
  -- Versions that compaction has moved out of the way.
  CREATE TABLE audit_entries(
    kind INTEGER NOT NULL, key TEXT NOT NULL, from_revision INTEGER NOT NULL, to_revision INTEGER NOT NULL,
    create_time INTEGER NOT NULL, update_time INTEGER NOT NULL, delete_time INTEGER, payload BLOB NOT NULL,
    PRIMARY KEY(kind, key, from_revision)) WITHOUT ROWID;

  -- Who refers to whom now.
  CREATE TABLE refs(
    target TEXT NOT NULL, source_kind INTEGER NOT NULL, source_key TEXT NOT NULL,
    PRIMARY KEY(target, source_kind, source_key)) WITHOUT ROWID;
  CREATE INDEX refs_by_source ON refs(source_kind, source_key);

  CREATE TABLE change_sets(
    revision INTEGER PRIMARY KEY, commit_time INTEGER NOT NULL, principal TEXT NOT NULL, request_id TEXT NOT NULL,
    digest BLOB NOT NULL);
  -- Before and after are the versions of `entries` that end and begin at the revision.
  CREATE TABLE changes(
    revision INTEGER NOT NULL, number INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL,
    operation INTEGER NOT NULL, PRIMARY KEY(revision, number)) WITHOUT ROWID;
  CREATE INDEX changes_by_entry ON changes(kind, key, revision);

  CREATE TABLE requests(
    principal TEXT NOT NULL, request_id TEXT NOT NULL, time INTEGER NOT NULL, digest BLOB NOT NULL, answer BLOB NOT NULL,
    PRIMARY KEY(principal, request_id)) WITHOUT ROWID;
  CREATE INDEX requests_by_time ON requests(time);

  -- What versions of live resources are found by, as domain/search_terms.h prepares it, and by whom (ReadersText). Rows
  -- of versions that have ended stay until no page of a search can show them.
  CREATE TABLE search_rows(
    id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, key TEXT NOT NULL, from_revision INTEGER NOT NULL,
    to_revision INTEGER NOT NULL, length INTEGER NOT NULL, readers TEXT NOT NULL, UNIQUE(kind, key, from_revision));
  CREATE VIRTUAL TABLE search_index USING fts5(
    title, body, columnsize = 0, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'");

  -- How far named followers have read, and when they last said so.
  CREATE TABLE followers(follower TEXT PRIMARY KEY, revision INTEGER NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID;
)sql"};

constexpr storage::Schema kSchema = {"the database", kFirstSchema, kMigrations};

}  // namespace

std::string NewLineage() {
  constexpr size_t kUuidText = 37;
  std::array<char, kUuidText> text{};
  uuid_t id;
  uuid_generate(id);
  uuid_unparse_lower(id, text.data());
  return text.data();
}

absl::StatusOr<storage::Migration> Migrate(storage::Sqlite& db) {
  storage::Migration migration;
  const absl::Status status = db.Transact([&]() -> absl::Status {
    OREWATCH_ASSIGN_OR_RETURN(migration, storage::Migrate(db, kSchema));
    return migration.from > 0
               ? absl::OkStatus()
               : db.Prepare("INSERT INTO history VALUES (?, 0, 0, 0, 0, randomblob(32))").Bind(NewLineage()).Run();
  });
  OREWATCH_RETURN_IF_ERROR(status);
  return migration;
}

absl::StatusOr<storage::Migration> MigrateSqlite(const std::string& path) {
  OREWATCH_ASSIGN_OR_RETURN(const auto db, storage::Sqlite::Open(path));
  return Migrate(*db);
}

}  // namespace orewatch::registry
