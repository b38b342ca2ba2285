#include "services/alerting/store/sqlite/schema.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/storage/sqlite.h"
#include "services/alerting/store/sqlite/first_schema.h"
// The outbox.
#include "services/alerting/store/sqlite/delivery_rows.h"

namespace orewatch::alerting {
namespace {

// Forward only: never alter one that has been released, add another. Times are nanoseconds since the Unix epoch.
const char* const kMigrations[] = {
    R"sql(
CREATE TABLE rule (
  id TEXT PRIMARY KEY, display_name TEXT NOT NULL, subject TEXT NOT NULL, stage INTEGER NOT NULL,
  importer TEXT NOT NULL, method INTEGER NOT NULL, raise_threshold REAL NOT NULL, clear_threshold REAL NOT NULL,
  hold_ns INTEGER NOT NULL, severity INTEGER NOT NULL, reason TEXT NOT NULL, disabled INTEGER NOT NULL,
  etag TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE score (
  subject TEXT NOT NULL, stage INTEGER NOT NULL, importer TEXT NOT NULL, method INTEGER NOT NULL,
  value REAL, revision INTEGER NOT NULL,
  PRIMARY KEY (subject, stage, importer, method)
) WITHOUT ROWID;

CREATE TABLE alert (
  rule TEXT NOT NULL, subject TEXT NOT NULL, stage INTEGER NOT NULL, importer TEXT NOT NULL, method INTEGER NOT NULL,
  state INTEGER NOT NULL, severity INTEGER NOT NULL, value REAL, pending_time INTEGER, fire_time INTEGER,
  resolve_time INTEGER, sequence INTEGER NOT NULL, window_start INTEGER NOT NULL, window_end INTEGER NOT NULL,
  PRIMARY KEY (rule, subject, stage, importer, method)
) WITHOUT ROWID;

CREATE TABLE transition (
  rule TEXT NOT NULL, subject TEXT NOT NULL, stage INTEGER NOT NULL, importer TEXT NOT NULL, method INTEGER NOT NULL,
  state INTEGER NOT NULL, severity INTEGER NOT NULL, value REAL, pending_time INTEGER, fire_time INTEGER,
  resolve_time INTEGER, sequence INTEGER PRIMARY KEY, window_start INTEGER NOT NULL, window_end INTEGER NOT NULL,
  from_state INTEGER NOT NULL, reason INTEGER NOT NULL, time INTEGER NOT NULL, lineage TEXT NOT NULL,
  revision INTEGER NOT NULL
);
CREATE INDEX transition_of_alert ON transition (rule, subject, stage, importer, method, sequence);

CREATE TABLE position (
  id INTEGER PRIMARY KEY CHECK (id = 1), lineage TEXT NOT NULL, revision INTEGER NOT NULL, tick INTEGER NOT NULL,
  defaults_loaded INTEGER NOT NULL
);
INSERT INTO position VALUES (1, '', 0, 0, 0);

CREATE TABLE request (
  principal TEXT NOT NULL, request_id TEXT NOT NULL, fingerprint TEXT NOT NULL, time INTEGER NOT NULL,
  id TEXT NOT NULL, display_name TEXT NOT NULL, subject TEXT NOT NULL, stage INTEGER NOT NULL,
  importer TEXT NOT NULL, method INTEGER NOT NULL, raise_threshold REAL NOT NULL, clear_threshold REAL NOT NULL,
  hold_ns INTEGER NOT NULL, severity INTEGER NOT NULL, reason TEXT NOT NULL, disabled INTEGER NOT NULL,
  etag TEXT NOT NULL,
  PRIMARY KEY (principal, request_id)
) WITHOUT ROWID;
CREATE INDEX request_by_time ON request (time);
)sql",
    // Bounds and completeness of a score, and which of its numbers a rule is held against.
    R"sql(
ALTER TABLE rule ADD COLUMN measured_by INTEGER NOT NULL DEFAULT 1;
ALTER TABLE request ADD COLUMN measured_by INTEGER NOT NULL DEFAULT 1;

ALTER TABLE score ADD COLUMN lower REAL;
ALTER TABLE score ADD COLUMN upper REAL;
ALTER TABLE score ADD COLUMN completeness INTEGER NOT NULL DEFAULT 0;
ALTER TABLE score ADD COLUMN reasons TEXT NOT NULL DEFAULT '';

ALTER TABLE alert ADD COLUMN lower REAL;
ALTER TABLE alert ADD COLUMN upper REAL;
ALTER TABLE alert ADD COLUMN completeness INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alert ADD COLUMN reasons TEXT NOT NULL DEFAULT '';

ALTER TABLE transition ADD COLUMN lower REAL;
ALTER TABLE transition ADD COLUMN upper REAL;
ALTER TABLE transition ADD COLUMN completeness INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transition ADD COLUMN reasons TEXT NOT NULL DEFAULT '';
)sql",
    // Versions of commits, and bytes (record/record_bytes.h) instead of a column for each field; the tables of both
    // engines are the same. A body without bytes: what the row is about is gone. Times are microseconds from here on.
    R"sql(
CREATE TABLE head (version INTEGER NOT NULL, token TEXT NOT NULL, defaults_loaded INTEGER NOT NULL,
  position BLOB NOT NULL);
INSERT INTO head VALUES (0, lower(hex(randomblob(8))), 0, x'');
-- The newest of them.
CREATE TABLE commits (version INTEGER PRIMARY KEY, token TEXT NOT NULL);
INSERT INTO commits SELECT version, token FROM head;
-- Counts the processes that have opened the file: the last is the one that evaluates.
CREATE TABLE lease (epoch INTEGER NOT NULL);
INSERT INTO lease VALUES (0);
-- Of page tokens.
CREATE TABLE secret (secret BLOB NOT NULL);
INSERT INTO secret VALUES (randomblob(32));

CREATE TABLE rules (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX rules_by_version ON rules (version);
CREATE TABLE scores (
  subject TEXT NOT NULL, stage INTEGER NOT NULL, importer TEXT NOT NULL, method INTEGER NOT NULL,
  version INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (subject, stage, importer, method)
) WITHOUT ROWID;
CREATE INDEX scores_by_version ON scores (version);
CREATE TABLE alerts (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX alerts_by_version ON alerts (version);
CREATE TABLE timeline (
  sequence INTEGER PRIMARY KEY, alert TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX timeline_of_alert ON timeline (alert, sequence);
CREATE TABLE requests (
  principal TEXT NOT NULL, request_id TEXT NOT NULL, fingerprint TEXT NOT NULL, time INTEGER NOT NULL,
  answer BLOB NOT NULL, PRIMARY KEY (principal, request_id)
) WITHOUT ROWID;
CREATE INDEX requests_by_time ON requests (time);
)sql",
    // The outbox.
    kDeliveryTables,
    // What has happened in the registry.
    R"sql(
CREATE TABLE facts (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX facts_by_version ON facts (version);
)sql",
};
static_assert(std::size(kMigrations) == kNewestVersion);

// What this release writes may be used from this version on. Raise it with a migration that older releases cannot
// follow.
constexpr int64_t kOldestUsableVersion = 3;

// From here on tables hold bytes.
constexpr int64_t kFirstVersionOfBytes = 3;
constexpr char kDropColumns[] =
    "DROP TABLE rule; DROP TABLE score; DROP TABLE alert; DROP TABLE transition; DROP TABLE position;"
    " DROP TABLE request;";

absl::Status MigrateFrom(storage::Sqlite& db, int64_t version, int64_t target) {
  for (int64_t next = version; next < target; ++next) {
    OREWATCH_RETURN_IF_ERROR(
        storage::OfStep("the alerting store", static_cast<int>(next + 1), db.Execute(kMigrations[next])));
    if (next + 1 == kFirstVersionOfBytes) {
      OREWATCH_RETURN_IF_ERROR(TakeOverFirstSchema(db));
      OREWATCH_RETURN_IF_ERROR(db.Execute(kDropColumns));
    }
  }
  if (version >= target) {
    return absl::OkStatus();
  }
  return db.Prepare("INSERT OR REPLACE INTO schema_version (id, version, oldest_usable) VALUES (1, ?, ?)")
      .Bind(target)
      .Bind(std::min(target, kOldestUsableVersion))
      .Run();
}

}  // namespace

absl::StatusOr<storage::Migration> Migrate(storage::Sqlite& db, int64_t target) {
  int64_t version = 0;
  const absl::Status status = db.Transact([&]() -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(
        db.Execute("CREATE TABLE IF NOT EXISTS schema_version (id INTEGER PRIMARY KEY CHECK (id = 1),"
                   " version INTEGER NOT NULL, oldest_usable INTEGER NOT NULL)"));
    {
      auto row = db.Prepare("SELECT version, oldest_usable FROM schema_version");
      OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
      version = found ? row.Int(0) : 0;
      if (found && row.Int(1) > kNewestVersion) {
        return MakeError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW",
                         absl::StrCat("the alerting store has schema ", version, ", which this release cannot use"));
      }
    }
    return MigrateFrom(db, version, target);
  });
  OREWATCH_RETURN_IF_ERROR(status);
  return storage::Migration{static_cast<int>(version), static_cast<int>(std::max(version, target))};
}

absl::StatusOr<storage::Migration> MigrateSqlite(const std::string& path) {
  OREWATCH_ASSIGN_OR_RETURN(const auto db, storage::Sqlite::Open(path));
  return Migrate(*db);
}

}  // namespace orewatch::alerting
