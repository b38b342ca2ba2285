#include "services/risk/store/sqlite/sqlite_score_history.h"

#include <utility>

#include "common/status/status.h"
#include "services/risk/store/record_bytes.h"
#include "services/risk/store/sqlite/schema.h"

namespace orewatch::risk {
namespace {

using storage::Statement;

constexpr char kNewestFirst[] =
    "SELECT s.sequence, a.lineage, a.revision, a.commit_time, a.superseded, s.edition, s.parameter_set, s.payload"
    " FROM scores s JOIN appends a ON a.sequence = s.sequence"
    " WHERE s.subject = ? AND s.stage = ? AND s.importer = ? AND s.method = ? AND s.sequence > ? AND s.sequence < ?"
    " AND a.revision >= ? AND a.revision <= ? AND a.commit_time >= ? AND a.commit_time < ? AND a.superseded <= ?"
    " ORDER BY s.sequence DESC LIMIT ?";
constexpr char kOldestFirst[] =
    "SELECT s.sequence, a.lineage, a.revision, a.commit_time, a.superseded, s.edition, s.parameter_set, s.payload"
    " FROM scores s JOIN appends a ON a.sequence = s.sequence"
    " WHERE s.subject = ? AND s.stage = ? AND s.importer = ? AND s.method = ? AND s.sequence > ? AND s.sequence < ?"
    " AND a.revision >= ? AND a.revision <= ? AND a.commit_time >= ? AND a.commit_time < ? AND a.superseded <= ?"
    " ORDER BY s.sequence LIMIT ?";

void BindKey(const ScoreKey& key, Statement& statement) {
  statement.Bind(key.subject).Bind(int64_t{key.stage}).Bind(key.importer).Bind(static_cast<int64_t>(key.method));
}

HistoryPosition ReadPosition(const Statement& row) {
  return {std::string(row.Text(0)), row.Int(1), std::string(row.Blob(2))};
}

// Columns of `scores` from the edition on.
absl::Status ReadRecord(const Statement& row, int column, ScoreRecord& record) {
  record.edition = std::string(row.Text(column));
  record.parameter_set = std::string(row.Text(column + 1));
  return ReadBytes(row.Blob(column + 2), record);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteScoreHistory>> SqliteScoreHistory::Open(
    const std::string& path, const std::shared_ptr<storage::StorageMetrics>& metrics) {
  OREWATCH_ASSIGN_OR_RETURN(auto lock, storage::FileLock::Take(path));
  OREWATCH_ASSIGN_OR_RETURN(auto writer, storage::Sqlite::Open(path, {.metrics = metrics}));
  OREWATCH_RETURN_IF_ERROR(Migrate(*writer).status());
  // Nobody else has the file: whoever held the lease is gone.
  OREWATCH_RETURN_IF_ERROR(writer->Execute("UPDATE lease SET holder = '', expires = 0"));
  storage::Sqlite::Options options;
  options.read_only = true;
  OREWATCH_ASSIGN_OR_RETURN(auto reader, storage::Sqlite::Open(path, options));
  std::string secret;
  {
    auto row = reader->Prepare("SELECT secret FROM secret");
    OREWATCH_RETURN_IF_ERROR(row.Step().status());
    secret = std::string(row.Blob(0));
  }
  return std::unique_ptr<SqliteScoreHistory>(
      new SqliteScoreHistory(std::move(lock), std::move(writer), std::move(reader), std::move(secret)));
}

absl::StatusOr<std::optional<int64_t>> SqliteScoreHistory::TakeLease(const std::string& holder, absl::Time now,
                                                                     absl::Duration life) {
  absl::MutexLock lock(&write_mutex_);
  std::optional<int64_t> epoch;
  const absl::Status status = writer_->Transact([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_) -> absl::Status {
    auto take = writer_->Prepare(
        "UPDATE lease SET epoch = epoch + (holder <> ?1), holder = ?1, expires = ?2"
        " WHERE holder = ?1 OR expires <= ?3");
    OREWATCH_RETURN_IF_ERROR(
        take.Bind(holder).Bind(absl::ToUnixMicros(now + life)).Bind(absl::ToUnixMicros(now)).Run());
    if (writer_->changes() == 0) {
      return absl::OkStatus();
    }
    auto row = writer_->Prepare("SELECT epoch FROM lease");
    OREWATCH_RETURN_IF_ERROR(row.Step().status());
    epoch = row.Int(0);
    return absl::OkStatus();
  });
  return status.ok() ? absl::StatusOr<std::optional<int64_t>>(epoch) : status;
}

absl::Status SqliteScoreHistory::GiveUpLease(int64_t epoch) {
  absl::MutexLock lock(&write_mutex_);
  return writer_->Prepare("UPDATE lease SET holder = '', expires = 0 WHERE epoch = ?").Bind(epoch).Run();
}

absl::StatusOr<HistoryPosition> SqliteScoreHistory::Position() {
  absl::MutexLock lock(&read_mutex_);
  auto row = reader_->Prepare("SELECT lineage, revision, digest FROM position");
  OREWATCH_RETURN_IF_ERROR(row.Step().status());
  return ReadPosition(row);
}

absl::StatusOr<std::optional<HistoryPosition>> SqliteScoreHistory::RecordedUpTo(int64_t revision) {
  absl::MutexLock lock(&read_mutex_);
  auto row = reader_->Prepare(
      "SELECT lineage, revision, digest FROM appends WHERE revision <= ? AND superseded = 0"
      " ORDER BY revision DESC, sequence DESC LIMIT 1");
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Bind(revision).Step());
  return found ? std::optional<HistoryPosition>(ReadPosition(row)) : std::nullopt;
}

absl::Status SqliteScoreHistory::CheckEpoch(int64_t epoch) {
  auto row = writer_->Prepare("SELECT epoch FROM lease WHERE holder <> ''");
  OREWATCH_ASSIGN_OR_RETURN(const bool held, row.Step());
  return held && row.Int(0) == epoch ? absl::OkStatus() : LeaseLost();
}

absl::Status SqliteScoreHistory::SetPosition(const HistoryPosition& position) {
  return writer_->Prepare("UPDATE position SET lineage = ?, revision = ?, digest = ?")
      .Bind(position.lineage)
      .Bind(position.revision)
      .BindBlob(position.digest)
      .Run();
}

absl::Status SqliteScoreHistory::AppendRecord(const ScoreRecord& record, int64_t sequence) {
  {
    auto add = writer_->Prepare("INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    BindKey(record.score.key, add);
    add.Bind(sequence).Bind(int64_t{record.score.reference_year}).Bind(record.edition).Bind(record.parameter_set);
    OREWATCH_RETURN_IF_ERROR(add.BindBlob(BytesOf(record)).Run());
  }
  auto put = writer_->Prepare("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?, ?)");
  BindKey(record.score.key, put);
  return put.Bind(sequence).Run();
}

absl::Status SqliteScoreHistory::AppendRecords(const HistoryAppend& append) {
  OREWATCH_RETURN_IF_ERROR(writer_->Prepare("UPDATE position SET sequence = sequence + 1").Run());
  int64_t sequence = 0;
  {
    auto row = writer_->Prepare("SELECT sequence FROM position");
    OREWATCH_RETURN_IF_ERROR(row.Step().status());
    sequence = row.Int(0);
  }
  OREWATCH_RETURN_IF_ERROR(writer_->Prepare("INSERT INTO appends VALUES (?, ?, ?, ?, ?, 0)")
                               .Bind(sequence)
                               .Bind(append.position.lineage)
                               .Bind(append.position.revision)
                               .BindBlob(append.position.digest)
                               .Bind(absl::ToUnixMicros(append.commit_time))
                               .Run());
  for (const ScoreRecord& record : append.records) {
    OREWATCH_RETURN_IF_ERROR(AppendRecord(record, sequence));
  }
  return absl::OkStatus();
}

absl::Status SqliteScoreHistory::Append(int64_t epoch, const HistoryAppend& append) {
  absl::MutexLock lock(&write_mutex_);
  return writer_->Transact([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(CheckEpoch(epoch));
    if (!append.records.empty()) {
      OREWATCH_RETURN_IF_ERROR(AppendRecords(append));
    }
    return SetPosition(append.position);
  });
}

absl::Status SqliteScoreHistory::Supersede(int64_t epoch, const HistoryPosition& position) {
  absl::MutexLock lock(&write_mutex_);
  return writer_->Transact([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(CheckEpoch(epoch));
    OREWATCH_RETURN_IF_ERROR(
        writer_->Prepare("UPDATE appends SET superseded = 1 WHERE revision > ?").Bind(position.revision).Run());
    OREWATCH_RETURN_IF_ERROR(writer_->Prepare("DELETE FROM latest").Run());
    OREWATCH_RETURN_IF_ERROR(
        writer_
            ->Prepare("INSERT INTO latest SELECT subject, stage, importer, method, max(sequence)"
                      " FROM scores JOIN appends USING(sequence) WHERE superseded = 0 GROUP BY 1, 2, 3, 4")
            .Run());
    return SetPosition(position);
  });
}

absl::StatusOr<std::vector<ScoreRecord>> SqliteScoreHistory::Latest(const std::optional<ScoreKey>& after, int limit) {
  absl::MutexLock lock(&read_mutex_);
  auto row = reader_->Prepare(
      "SELECT l.subject, l.stage, l.importer, l.method, s.edition, s.parameter_set, s.payload FROM latest l"
      " JOIN scores s ON s.subject = l.subject AND s.stage = l.stage AND s.importer = l.importer"
      " AND s.method = l.method AND s.sequence = l.sequence"
      " WHERE (l.subject, l.stage, l.importer, l.method) > (?, ?, ?, ?)"
      " ORDER BY l.subject, l.stage, l.importer, l.method LIMIT ?");
  // No subject has an empty name.
  BindKey(after.value_or(ScoreKey()), row);
  row.Bind(int64_t{limit});
  std::vector<ScoreRecord> records;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
    if (!found) {
      return records;
    }
    ScoreRecord& record = records.emplace_back();
    record.score.key.subject = std::string(row.Text(0));
    record.score.key.stage = static_cast<int>(row.Int(1));
    record.score.key.importer = std::string(row.Text(2));
    record.score.key.method = static_cast<Method>(row.Int(3));
    OREWATCH_RETURN_IF_ERROR(ReadRecord(row, 4, record));
  }
}

absl::StatusOr<std::vector<KeptRecord>> SqliteScoreHistory::List(const HistoryQuery& query) {
  absl::MutexLock lock(&read_mutex_);
  auto row = query.oldest_first ? reader_->Prepare(kOldestFirst) : reader_->Prepare(kNewestFirst);
  BindKey(query.key, row);
  row.Bind(query.after_sequence).Bind(query.before_sequence).Bind(query.from_revision).Bind(query.to_revision);
  row.Bind(absl::ToUnixMicros(query.start)).Bind(absl::ToUnixMicros(query.end));
  row.Bind(int64_t{query.superseded ? 1 : 0}).Bind(int64_t{query.limit});
  std::vector<KeptRecord> records;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
    if (!found) {
      return records;
    }
    KeptRecord& kept = records.emplace_back();
    kept.record.score.key = query.key;
    kept.sequence = row.Int(0);
    kept.lineage = std::string(row.Text(1));
    kept.record.score.changed_revision = row.Int(2);
    kept.commit_time = absl::FromUnixMicros(row.Int(3));
    kept.superseded = row.Int(4) != 0;
    OREWATCH_RETURN_IF_ERROR(ReadRecord(row, 5, kept.record));
  }
}

}  // namespace orewatch::risk
