#include "services/risk/store/sqlite/schema.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::risk {
namespace {

// Each leads to the next schema; forward only. A migration that an older binary cannot live with raises oldest_user.
constexpr std::array<const char*, 1> kMigrations = {R"sql(
  INSERT INTO schema VALUES (0, 1);

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
)sql"};

constexpr int kSchemaVersion = static_cast<int>(kMigrations.size());

absl::Status MigrateInTransaction(storage::Sqlite& db) {
  OREWATCH_RETURN_IF_ERROR(
      db.Execute("CREATE TABLE IF NOT EXISTS schema(version INTEGER NOT NULL, oldest_user INTEGER NOT NULL)"));
  int version = 0;
  {
    auto row = db.Prepare("SELECT version, oldest_user FROM schema");
    OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
    version = found ? static_cast<int>(row.Int(0)) : 0;
    if (found && row.Int(1) > kSchemaVersion) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW",
                       absl::StrCat("the score history has schema ", version, "; this binary knows ", kSchemaVersion));
    }
  }
  if (version >= kSchemaVersion) {
    return absl::OkStatus();
  }
  for (int next = version; next < kSchemaVersion; ++next) {
    OREWATCH_RETURN_IF_ERROR(db.Execute(kMigrations.at(static_cast<size_t>(next))));
  }
  return db.Prepare("UPDATE schema SET version = ?").Bind(int64_t{kSchemaVersion}).Run();
}

}  // namespace

absl::Status Migrate(storage::Sqlite& db) {
  return db.Transact([&] { return MigrateInTransaction(db); });
}

}  // namespace orewatch::risk
