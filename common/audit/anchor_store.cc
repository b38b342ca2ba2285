#include "common/audit/anchor_store.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/status/status.h"
#include "common/storage/postgres.h"
#include "common/storage/sqlite.h"
#include "common/time/steady.h"

namespace orewatch::audit {
namespace {

constexpr char kTable[] =
    "CREATE TABLE IF NOT EXISTS audit_anchors (process TEXT NOT NULL, chain TEXT NOT NULL, sequence BIGINT NOT NULL, "
    "hash TEXT NOT NULL, time_us BIGINT NOT NULL, PRIMARY KEY (process, chain, sequence))";

class SqliteAnchors final : public AnchorStore {
 public:
  explicit SqliteAnchors(std::string file) : file_(std::move(file)) {}

  absl::Status Put(const Anchor& anchor) override {
    if (writer_ == nullptr) {
      OREWATCH_ASSIGN_OR_RETURN(writer_, storage::Sqlite::Open(file_));
    }
    absl::Status status = writer_->Transact([&]() -> absl::Status {
      OREWATCH_RETURN_IF_ERROR(writer_->Execute(kTable));
      return writer_->Prepare("INSERT OR IGNORE INTO audit_anchors VALUES (?, ?, ?, ?, ?)")
          .Bind(anchor.process)
          .Bind(anchor.chain)
          .Bind(anchor.sequence)
          .Bind(anchor.hash)
          .Bind(absl::ToUnixMicros(anchor.time))
          .Run();
    });
    if (!status.ok()) {
      writer_.reset();
    }
    return status;
  }

  absl::StatusOr<std::vector<Anchor>> List() override {
    // Reading makes no file.
    OREWATCH_ASSIGN_OR_RETURN(const auto db, storage::Sqlite::Open(file_, {.read_only = true}));
    std::vector<Anchor> anchors;
    auto tables = db->Prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'audit_anchors'");
    OREWATCH_ASSIGN_OR_RETURN(const bool exists, tables.Step());
    if (!exists) {
      return anchors;
    }
    auto row = db->Prepare(
        "SELECT process, chain, sequence, hash, time_us FROM audit_anchors ORDER BY process, chain, sequence");
    for (;;) {
      OREWATCH_ASSIGN_OR_RETURN(const bool more, row.Step());
      if (!more) {
        return anchors;
      }
      anchors.push_back({std::string(row.Text(0)), std::string(row.Text(1)), row.Int(2), std::string(row.Text(3)),
                         absl::FromUnixMicros(row.Int(4))});
    }
  }

 private:
  const std::string file_;
  std::unique_ptr<storage::Sqlite> writer_;
};

class PostgresAnchors final : public AnchorStore {
 public:
  explicit PostgresAnchors(std::string database) { options_.database = std::move(database); }

  absl::Status Put(const Anchor& anchor) override {
    return OnConnection([&](storage::Postgres& db) -> absl::Status {
      OREWATCH_ASSIGN_OR_RETURN(const bool exists, TableExists(db));
      if (!exists) {
        OREWATCH_RETURN_IF_ERROR(db.Execute(kTable));
      }
      storage::PostgresParameters parameters;
      parameters.Text(anchor.process).Text(anchor.chain).Int(anchor.sequence).Text(anchor.hash);
      parameters.Int(absl::ToUnixMicros(anchor.time));
      return db.Query("INSERT INTO audit_anchors VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", parameters)
          .status();
    });
  }

  absl::StatusOr<std::vector<Anchor>> List() override {
    std::vector<Anchor> anchors;
    OREWATCH_RETURN_IF_ERROR(OnConnection([&](storage::Postgres& db) -> absl::Status {
      OREWATCH_ASSIGN_OR_RETURN(const bool exists, TableExists(db));
      if (!exists) {
        return absl::OkStatus();
      }
      OREWATCH_ASSIGN_OR_RETURN(
          const auto rows,
          db.Query("SELECT process, chain, sequence, hash, time_us FROM audit_anchors ORDER BY process COLLATE \"C\", "
                   "chain COLLATE \"C\", sequence"));
      for (int i = 0; i < rows.size(); ++i) {
        anchors.push_back({std::string(rows.Text(i, 0)), std::string(rows.Text(i, 1)), rows.Int(i, 2),
                           std::string(rows.Text(i, 3)), absl::FromUnixMicros(rows.Int(i, 4))});
      }
      return absl::OkStatus();
    }));
    return anchors;
  }

 private:
  static constexpr absl::Duration kTimeout = absl::Seconds(10);

  static absl::StatusOr<bool> TableExists(storage::Postgres& db) {
    OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query("SELECT to_regclass('audit_anchors') IS NOT NULL"));
    return rows.Int(0, 0) != 0;
  }

  absl::Status OnConnection(absl::FunctionRef<absl::Status(storage::Postgres&)> body) {
    if (db_ == nullptr || !db_->StillOpen()) {
      OREWATCH_ASSIGN_OR_RETURN(db_, storage::Postgres::Open(options_));
    }
    db_->set_deadline(SteadyNow() + kTimeout);
    absl::Status status = body(*db_);
    if (!status.ok()) {
      db_.reset();
    }
    return status;
  }

  storage::PostgresOptions options_;
  std::unique_ptr<storage::Postgres> db_;
};

}  // namespace

std::unique_ptr<AnchorStore> MakeAnchorStore(const std::string& where) {
  if (absl::StrContains(where, "://") || absl::StrContains(where, '=')) {
    return std::make_unique<PostgresAnchors>(where);
  }
  return std::make_unique<SqliteAnchors>(where);
}

}  // namespace orewatch::audit
