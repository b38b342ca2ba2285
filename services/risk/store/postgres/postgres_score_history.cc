#include "services/risk/store/postgres/postgres_score_history.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "common/storage/postgres_lease.h"
#include "common/time/deadline_scope.h"
#include "common/time/steady.h"
#include "services/risk/store/postgres/schema.h"
#include "services/risk/store/record_bytes.h"

namespace orewatch::risk {
namespace {

using storage::Postgres;
using storage::PostgresParameters;
using storage::PostgresRows;
using storage::PostgresStatement;

// For migrations too.
constexpr absl::Duration kOpenTimeout = absl::Minutes(2);
// Sent at once.
constexpr size_t kBatchRecords = 256;

// Plans are kept while the tables grow, so they are always by index. A commit is durable even where the database's
// default is that it is not.
constexpr char kSession[] = R"sql(
  SET idle_in_transaction_session_timeout = '60s'; SET plan_cache_mode = force_generic_plan;
  SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
)sql";

constexpr char kNewestFirst[] =
    "SELECT s.sequence, a.lineage, a.revision, a.commit_time, a.superseded, s.edition, s.parameter_set, s.payload"
    " FROM scores s JOIN appends a ON a.sequence = s.sequence"
    " WHERE s.subject = $1 AND s.stage = $2 AND s.importer = $3 AND s.method = $4 AND s.sequence > $5 AND s.sequence < "
    "$6"
    " AND a.revision >= $7 AND a.revision <= $8 AND a.commit_time >= $9 AND a.commit_time < $10 AND a.superseded <= $11"
    " ORDER BY s.sequence DESC LIMIT $12";
constexpr char kOldestFirst[] =
    "SELECT s.sequence, a.lineage, a.revision, a.commit_time, a.superseded, s.edition, s.parameter_set, s.payload"
    " FROM scores s JOIN appends a ON a.sequence = s.sequence"
    " WHERE s.subject = $1 AND s.stage = $2 AND s.importer = $3 AND s.method = $4 AND s.sequence > $5 AND s.sequence < "
    "$6"
    " AND a.revision >= $7 AND a.revision <= $8 AND a.commit_time >= $9 AND a.commit_time < $10 AND a.superseded <= $11"
    " ORDER BY s.sequence LIMIT $12";
constexpr char kLatest[] =
    "SELECT l.subject, l.stage, l.importer, l.method, s.edition, s.parameter_set, s.payload FROM latest l"
    " JOIN scores s ON s.subject = l.subject AND s.stage = l.stage AND s.importer = l.importer"
    " AND s.method = l.method AND s.sequence = l.sequence"
    " WHERE (l.subject, l.stage, l.importer, l.method) > ($1, $2, $3, $4)"
    " ORDER BY l.subject, l.stage, l.importer, l.method LIMIT $5";

// What Read and Write say that they do.
const std::vector<const char*> kOperations = {"lease",    "append",         "supersede", "latest",
                                              "position", "recorded_up_to", "list"};

storage::PostgresOptions ConnectionOptions(const PostgresScoreHistory::Options& options,
                                           storage::PostgresMetrics& metrics) {
  storage::PostgresOptions connection;
  connection.database = options.database;
  connection.application_name = "orewatch-risk";
  connection.session = kSession;
  connection.metrics = &metrics;
  return connection;
}

PostgresParameters KeyParameters(const ScoreKey& key) {
  PostgresParameters parameters;
  parameters.Text(key.subject).Int(key.stage).Text(key.importer).Int(static_cast<int64_t>(key.method));
  return parameters;
}

HistoryPosition ReadPosition(const PostgresRows& rows) {
  return {std::string(rows.Text(0, 0)), rows.Int(0, 1), std::string(rows.Bytes(0, 2))};
}

// Columns of `scores` from the edition on.
absl::Status ReadRecord(const PostgresRows& rows, int row, int column, ScoreRecord& record) {
  record.edition = std::string(rows.Text(row, column));
  record.parameter_set = std::string(rows.Text(row, column + 1));
  return ReadBytes(rows.Bytes(row, column + 2), record);
}

absl::StatusOr<HistoryPosition> FindPosition(Postgres& db) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query("SELECT lineage, revision, digest FROM position"));
  return ReadPosition(rows);
}

absl::StatusOr<std::optional<HistoryPosition>> FindRecorded(Postgres& db, int64_t revision) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query("SELECT lineage, revision, digest FROM appends"
                                                      " WHERE revision <= $1 AND superseded = 0"
                                                      " ORDER BY revision DESC, sequence DESC LIMIT 1",
                                                      PostgresParameters().Int(revision)));
  return rows.empty() ? std::nullopt : std::optional<HistoryPosition>(ReadPosition(rows));
}

absl::StatusOr<std::vector<ScoreRecord>> ReadLatest(Postgres& db, const PostgresParameters& parameters) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kLatest, parameters));
  std::vector<ScoreRecord> records;
  for (int row = 0; row < rows.size(); ++row) {
    ScoreRecord& record = records.emplace_back();
    record.score.key.subject = std::string(rows.Text(row, 0));
    record.score.key.stage = static_cast<int>(rows.Int(row, 1));
    record.score.key.importer = std::string(rows.Text(row, 2));
    record.score.key.method = static_cast<Method>(rows.Int(row, 3));
    OREWATCH_RETURN_IF_ERROR(ReadRecord(rows, row, 4, record));
  }
  return records;
}

absl::StatusOr<std::vector<KeptRecord>> ReadList(Postgres& db, const HistoryQuery& query) {
  PostgresParameters parameters = KeyParameters(query.key);
  parameters.Int(query.after_sequence).Int(query.before_sequence).Int(query.from_revision).Int(query.to_revision);
  parameters.Int(absl::ToUnixMicros(query.start)).Int(absl::ToUnixMicros(query.end));
  parameters.Int(query.superseded ? 1 : 0).Int(query.limit);
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(query.oldest_first ? kOldestFirst : kNewestFirst, parameters));
  std::vector<KeptRecord> records;
  for (int row = 0; row < rows.size(); ++row) {
    KeptRecord& kept = records.emplace_back();
    kept.record.score.key = query.key;
    kept.sequence = rows.Int(row, 0);
    kept.lineage = std::string(rows.Text(row, 1));
    kept.record.score.changed_revision = rows.Int(row, 2);
    kept.commit_time = absl::FromUnixMicros(rows.Int(row, 3));
    kept.superseded = rows.Int(row, 4) != 0;
    OREWATCH_RETURN_IF_ERROR(ReadRecord(rows, row, 5, kept.record));
  }
  return records;
}

absl::Status CheckEpoch(Postgres& db, int64_t epoch) {
  OREWATCH_ASSIGN_OR_RETURN(const bool held, storage::HoldsLease(db, epoch));
  return held ? absl::OkStatus() : LeaseLost();
}

absl::Status SetPosition(Postgres& db, const HistoryPosition& position) {
  return db
      .Query("UPDATE position SET lineage = $1, revision = $2, digest = $3",
             PostgresParameters().Text(position.lineage).Int(position.revision).Bytes(position.digest))
      .status();
}

void AddStatements(const ScoreRecord& record, int64_t sequence, std::vector<PostgresStatement>& batch) {
  batch.push_back(
      {"INSERT INTO scores VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", KeyParameters(record.score.key)
                                                                             .Int(sequence)
                                                                             .Int(record.score.reference_year)
                                                                             .Text(record.edition)
                                                                             .Text(record.parameter_set)
                                                                             .Bytes(BytesOf(record))});
  batch.push_back(
      {"INSERT INTO latest VALUES ($1, $2, $3, $4, $5)"
       " ON CONFLICT (subject, stage, importer, method) DO UPDATE SET sequence = excluded.sequence",
       KeyParameters(record.score.key).Int(sequence)});
}

absl::Status AppendRecords(Postgres& db, const HistoryAppend& append) {
  OREWATCH_ASSIGN_OR_RETURN(const auto row, db.Query("UPDATE position SET sequence = sequence + 1 RETURNING sequence"));
  const int64_t sequence = row.Int(0, 0);
  std::vector<PostgresStatement> batch = {
      {"INSERT INTO appends VALUES ($1, $2, $3, $4, $5, 0)", PostgresParameters()
                                                                 .Int(sequence)
                                                                 .Text(append.position.lineage)
                                                                 .Int(append.position.revision)
                                                                 .Bytes(append.position.digest)
                                                                 .Int(absl::ToUnixMicros(append.commit_time))}};
  for (const ScoreRecord& record : append.records) {
    AddStatements(record, sequence, batch);
    if (batch.size() >= 2 * kBatchRecords) {
      OREWATCH_RETURN_IF_ERROR(db.Run(batch).status());
      batch.clear();
    }
  }
  return batch.empty() ? absl::OkStatus() : db.Run(batch).status();
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresScoreHistory>> PostgresScoreHistory::Open(const Options& options,
                                                                                 prometheus::Registry& metrics) {
  OREWATCH_RETURN_IF_ERROR(storage::CheckPostgresDatabase(options.database));
  auto history = std::unique_ptr<PostgresScoreHistory>(new PostgresScoreHistory(options, metrics));
  absl::MutexLock lock(&history->write_mutex_);
  OREWATCH_RETURN_IF_ERROR(history->Connect());
  OREWATCH_ASSIGN_OR_RETURN(const PostgresRows rows, history->writer_->Query("SELECT secret FROM secret"));
  history->secret_ = std::string(rows.Bytes(0, 0));
  return history;
}

PostgresScoreHistory::PostgresScoreHistory(const Options& options, prometheus::Registry& metrics)
    : options_(options),
      metrics_(metrics, kOperations),
      connection_(ConnectionOptions(options, metrics_)),
      readers_(connection_, options.connections, metrics_) {}

absl::Status PostgresScoreHistory::Connect() {
  OREWATCH_ASSIGN_OR_RETURN(auto opened, Postgres::Open(connection_));
  opened->set_deadline(SteadyNow() + kOpenTimeout);
  // It may be another server than before.
  OREWATCH_ASSIGN_OR_RETURN(const storage::Migration migration, Migrate(*opened));
  metrics_.schema_version().Set(migration.to);
  writer_ = std::move(opened);
  return absl::OkStatus();
}

template <typename Result>
absl::StatusOr<Result> PostgresScoreHistory::Read(const char* operation,
                                                  absl::FunctionRef<absl::StatusOr<Result>(Postgres&)> body) {
  absl::StatusOr<Result> result = Result();
  const absl::Time deadline = std::min(SteadyNow() + options_.read_timeout, DeadlineScope::Current());
  OREWATCH_RETURN_IF_ERROR(readers_.Read(operation, deadline, [&](Postgres& db) {
    result = body(db);
    return result.status();
  }));
  return result;
}

absl::Status PostgresScoreHistory::Write(const char* operation, absl::Duration timeout,
                                         absl::FunctionRef<absl::Status(Postgres&)> body) {
  absl::MutexLock lock(&write_mutex_);
  if (writer_ == nullptr || !writer_->StillOpen()) {
    writer_ = nullptr;
    if (const absl::Status status = Connect(); !status.ok()) {
      return storage::WithoutDetails(status);
    }
  }
  const absl::Time start = SteadyNow();
  Postgres& db = *writer_;
  db.set_deadline(start + timeout);
  absl::Status status = db.Transact([&] { return body(db); });
  metrics_.ObserveQuery(operation, SteadyNow() - start);
  if (db.lost()) {
    writer_ = nullptr;
  }
  return status;
}

absl::StatusOr<std::optional<int64_t>> PostgresScoreHistory::TakeLease(const std::string& holder, absl::Time now,
                                                                       absl::Duration life) {
  std::optional<int64_t> epoch;
  const absl::Status status = Write("lease", options_.lease_timeout, [&](Postgres& db) -> absl::Status {
    OREWATCH_ASSIGN_OR_RETURN(epoch, storage::TakeLease(db, holder, life, now));
    return absl::OkStatus();
  });
  return status.ok() ? absl::StatusOr<std::optional<int64_t>>(epoch) : status;
}

absl::Status PostgresScoreHistory::GiveUpLease(int64_t epoch) {
  return Write("lease", options_.lease_timeout, [&](Postgres& db) { return storage::GiveUpLease(db, epoch); });
}

absl::StatusOr<HistoryPosition> PostgresScoreHistory::Position() {
  return Read<HistoryPosition>("position", FindPosition);
}

absl::StatusOr<std::optional<HistoryPosition>> PostgresScoreHistory::RecordedUpTo(int64_t revision) {
  return Read<std::optional<HistoryPosition>>("recorded_up_to",
                                              [&](Postgres& db) { return FindRecorded(db, revision); });
}

absl::Status PostgresScoreHistory::Append(int64_t epoch, const HistoryAppend& append) {
  return Write("append", options_.append_timeout, [&](Postgres& db) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(CheckEpoch(db, epoch));
    if (!append.records.empty()) {
      OREWATCH_RETURN_IF_ERROR(AppendRecords(db, append));
    }
    return SetPosition(db, append.position);
  });
}

absl::Status PostgresScoreHistory::Supersede(int64_t epoch, const HistoryPosition& position) {
  return Write("supersede", options_.append_timeout, [&](Postgres& db) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(CheckEpoch(db, epoch));
    OREWATCH_RETURN_IF_ERROR(
        db.Run({{"UPDATE appends SET superseded = 1 WHERE revision > $1", PostgresParameters().Int(position.revision)},
                {"DELETE FROM latest"},
                {"INSERT INTO latest SELECT subject, stage, importer, method, max(sequence)"
                 " FROM scores JOIN appends USING(sequence) WHERE superseded = 0"
                 " GROUP BY 1, 2, 3, 4"}})
            .status());
    return SetPosition(db, position);
  });
}

absl::StatusOr<std::vector<ScoreRecord>> PostgresScoreHistory::Latest(const std::optional<ScoreKey>& after, int limit) {
  // No subject has an empty name.
  const PostgresParameters parameters = KeyParameters(after.value_or(ScoreKey())).Int(limit);
  return Read<std::vector<ScoreRecord>>("latest", [&](Postgres& db) { return ReadLatest(db, parameters); });
}

absl::StatusOr<std::vector<KeptRecord>> PostgresScoreHistory::List(const HistoryQuery& query) {
  return Read<std::vector<KeptRecord>>("list", [&](Postgres& db) { return ReadList(db, query); });
}

}  // namespace orewatch::risk
