#include "services/registry/store/postgres/writer.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/storage/postgres_errors.h"
#include "common/storage/postgres_pool.h"
#include "common/time/steady.h"
#include "services/registry/store/postgres/flush.h"
#include "services/registry/store/postgres/history.h"
#include "services/registry/store/postgres/schema.h"
#include "services/registry/store/postgres/write_transaction.h"

namespace orewatch::registry {
namespace {

using storage::Postgres;
using storage::PostgresParameters;
using storage::PostgresStatement;

constexpr absl::Duration kRequestsKept = absl::Hours(25);
constexpr absl::Duration kForgetEvery = absl::Minutes(1);
// For migrations too.
constexpr absl::Duration kOpenTimeout = absl::Minutes(2);
// For everything between BEGIN and COMMIT, and again for the COMMIT.
constexpr absl::Duration kGroupTimeout = absl::Minutes(2);
// A server that crashed has recovered by then, or it will take longer than a caller waits.
constexpr absl::Duration kFindOutTimeout = absl::Seconds(30);
constexpr absl::Duration kFindOutPause = absl::Milliseconds(100);

// The lock on the history is held while this session is in a transaction, and everybody waits for it. So the server
// ends a statement, a pause and a connection to a dead client in good time. Plans must be right for a table a thousand
// times larger than when they were made, since they are kept: always by index. A commit is durable even where the
// database's default is that it is not.
constexpr char kSession[] = R"sql(
  SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s';
  SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
  SET plan_cache_mode = force_generic_plan;
  SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
)sql";

// Said outright, since a database may have other defaults: each statement sees what was committed before it, so
// everything after the lock sees all commits.
constexpr char kBegin[] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
constexpr char kForget[] = "DELETE FROM requests WHERE time < $1";
constexpr char kMove[] = "UPDATE history SET head = $1, last_commit = $2, digest = $3";
constexpr char kNotify[] = "SELECT pg_notify($1, $2)";
// A timeout while COMMIT waits for a standby would make it succeed although the standby has not got it.
constexpr char kNoTimeout[] = "SET LOCAL statement_timeout = 0";
constexpr char kCommit[] = "COMMIT";
// Waits for the transaction in doubt to end, and is durable only after it, on a standby too.
constexpr char kAwaitEnd[] = "UPDATE history SET head = head";
constexpr char kTransactionOf[] = "SELECT transaction FROM change_sets WHERE revision = $1";

storage::PostgresOptions WriterOptions(storage::PostgresOptions options, absl::Duration lock_timeout) {
  options.session = absl::StrCat(kSession, "SET lock_timeout = ", absl::ToInt64Milliseconds(lock_timeout));
  options.statement_timeouts = false;
  return options;
}

// Of a group whose database was found to have gone back: it is begun again, under a new lineage.
constexpr char kRenewed[] = "LINEAGE_RENEWED";

KnownHistory::Position PositionOf(const History& history) {
  return {history.lineage, history.head, history.digest, history.earliest};
}

WriteGroup::Preload PreloadOf(const CommitQueue::Group& group) {
  WriteGroup::Preload preload;
  absl::flat_hash_set<EntryKey> seen;
  for (const CommitQueue::Waiting* waiting : group) {
    for (const EntryKey& key : waiting->touched) {
      if (CheckStorable(key.key).ok() && seen.insert(key).second) {
        preload.keys.push_back(key);
      }
    }
    const Author& author = waiting->author;
    if (!author.request_id.empty() && CheckStorable(author.principal).ok() && CheckStorable(author.request_id).ok()) {
      preload.authors.push_back(author);
    }
  }
  return preload;
}

}  // namespace

PostgresWriter::PostgresWriter(storage::PostgresOptions connection, absl::Duration lock_timeout, const Clock& clock,
                               KnownHistory& known, storage::PostgresMetrics& metrics)
    : options_(WriterOptions(std::move(connection), lock_timeout)), clock_(clock), known_(known), metrics_(metrics) {}

absl::Status PostgresWriter::Open() {
  OREWATCH_ASSIGN_OR_RETURN(connection_, Postgres::Open(options_));
  connection_->set_deadline(SteadyNow() + kOpenTimeout);
  OREWATCH_ASSIGN_OR_RETURN(const storage::Migration migration, Migrate(*connection_));
  metrics_.schema_version().Set(migration.to);
  return OpenHistory(*connection_, known_);
}

void PostgresWriter::CommitGroup(const CommitQueue::Group& group) {
  const absl::Time start = SteadyNow();
  const absl::Status status = TryCommitGroup(group);
  metrics_.ObserveQuery("commit", SteadyNow() - start);
  if (!status.ok()) {
    // Nothing of the group is durable, or nobody knows, whatever each was told.
    for (CommitQueue::Waiting* waiting : group) {
      waiting->result = status;
    }
  }
}

absl::Status PostgresWriter::TryCommitGroup(const CommitQueue::Group& group) {
  std::unique_ptr<WriteGroup> writes;
  OREWATCH_ASSIGN_OR_RETURN(const History before, Begin(group, writes));
  History history = before;
  const auto transaction = static_cast<int64_t>(absl::Uniform<uint64_t>(random_));
  for (CommitQueue::Waiting* waiting : group) {
    RunOne(*waiting, transaction, *writes, history);
  }
  if (!writes->failure().ok() || writes->pending().empty()) {
    connection_->Rollback();
    return writes->failure();
  }
  history.earliest = std::max(history.earliest, writes->pending().compacted.value_or(0));
  OREWATCH_RETURN_IF_ERROR(Store(writes->pending(), before, history));
  known_.Advance(PositionOf(history));
  return absl::OkStatus();
}

absl::Status PostgresWriter::Connect() {
  if (connection_ != nullptr && connection_->StillOpen()) {
    return absl::OkStatus();
  }
  connection_ = nullptr;
  auto opened = Postgres::Open(options_);
  if (!opened.ok()) {
    return storage::WithoutDetails(opened.status());
  }
  (*opened)->set_deadline(SteadyNow() + kOpenTimeout);
  // It may be another server than before.
  OREWATCH_RETURN_IF_ERROR(OpenHistory(**opened, known_));
  connection_ = *std::move(opened);
  return absl::OkStatus();
}

absl::StatusOr<History> PostgresWriter::Begin(const CommitQueue::Group& group, std::unique_ptr<WriteGroup>& writes) {
  const bool rested = connection_ != nullptr;
  auto begun = BeginOnce(group, writes);
  if (ErrorReason(begun.status()) == kRenewed) {
    return BeginOnce(group, writes);
  }
  if (begun.ok() || !rested || connection_ == nullptr || !connection_->lost()) {
    return begun;
  }
  // The connection may have broken while it rested.
  metrics_.CountRetry("commit");
  return BeginOnce(group, writes);
}

absl::StatusOr<History> PostgresWriter::BeginOnce(const CommitQueue::Group& group,
                                                  std::unique_ptr<WriteGroup>& writes) {
  OREWATCH_RETURN_IF_ERROR(Connect());
  connection_->set_deadline(SteadyNow() + kGroupTimeout);
  const WriteGroup::Preload preload = PreloadOf(group);
  const KnownHistory::Position before = known_.position();
  std::vector<PostgresStatement> batch = {{kBegin}, LockHistory(before.head)};
  for (PostgresStatement& statement : preload.Statements()) {
    batch.push_back(std::move(statement));
  }
  auto results = connection_->Run(batch);
  if (!results.ok()) {
    connection_->Rollback();
    return results.status();
  }
  const auto locked = HistoryOf(results->at(1));
  if (!locked.ok()) {
    connection_->Rollback();
    return locked.status();
  }
  const History& history = *locked;
  // Another lineage may be a newer one, of a replica that found a restore before, or an older one that has been read
  // in.
  if (history.lineage != before.lineage || Contradicts(before, history)) {
    connection_->Rollback();
    OREWATCH_RETURN_IF_ERROR(OpenHistory(*connection_, known_));
    return MakeError(absl::StatusCode::kUnavailable, kRenewed, "the database is of another lineage");
  }
  writes = std::make_unique<WriteGroup>(*connection_);
  writes->Take(preload, *results, 2);
  known_.Adopt(history);
  return history;
}

void PostgresWriter::RunOne(CommitQueue::Waiting& waiting, int64_t transaction, WriteGroup& writes, History& history) {
  // Strictly increasing, also where the clock stands still or goes back, or is another replica's.
  const absl::Time now = std::max(clock_.Now(), history.last_commit + absl::Microseconds(1));
  PostgresWriteTransaction write(writes, history.head + 1, now, history.digest, history.secret);
  absl::Status status = CheckStorable(waiting.author.principal);
  status.Update(CheckStorable(waiting.author.request_id));
  if (status.ok()) {
    status = waiting.write(write);
  }
  if (!status.ok()) {
    // What it changed was its own until now.
    waiting.result = status;
    return;
  }
  const bool changed = write.changed();
  PendingChanges changes = write.Finish(waiting.author, transaction);
  if (changed) {
    ++history.head;
    history.last_commit = now;
    history.digest = changes.change_sets.back().digest;
  }
  writes.Take(std::move(changes));
  waiting.result = Committed{history.head, changed};
}

absl::Status PostgresWriter::Store(const PendingChanges& pending, const History& before, const History& history) {
  std::vector<PostgresStatement> batch = StatementsFor(pending);
  if (history.head != before.head) {
    batch.push_back(
        {kMove,
         PostgresParameters().Int(history.head).Int(absl::ToUnixMicros(history.last_commit)).Bytes(history.digest)});
  }
  if (history.head != before.head || history.earliest != before.earliest) {
    batch.push_back({kNotify, PostgresParameters().Text(kChannel).Text(AnnouncementOf(PositionOf(history)))});
  }
  if (history.last_commit >= requests_forgotten_ + kForgetEvery) {
    requests_forgotten_ = history.last_commit;
    batch.push_back({kForget, PostgresParameters().Int(absl::ToUnixMicros(history.last_commit - kRequestsKept))});
  }
  batch.push_back({kNoTimeout});
  batch.push_back({kCommit});
  connection_->set_deadline(SteadyNow() + kGroupTimeout);
  absl::Status status = connection_->Run(batch).status();
  if (status.ok() || !connection_->lost()) {
    // An error that was told comes before the COMMIT.
    connection_->Rollback();
    return status;
  }
  return FindOut(pending);
}

absl::Status PostgresWriter::FindOut(const PendingChanges& pending) {
  if (pending.change_sets.empty()) {
    // Answers of writes that changed nothing: kept or not, a repeat gets the same.
    return storage::StatusOfSqlState("");
  }
  const ChangeSetRow& last = pending.change_sets.back();
  log::Warning("a COMMIT got no answer; asking", {{"revision", last.revision}});
  for (const absl::Time give_up = SteadyNow() + kFindOutTimeout; SteadyNow() < give_up; absl::SleepFor(kFindOutPause)) {
    if (const auto happened = Happened(last); happened.ok()) {
      log::Info("the COMMIT without an answer", {{"revision", last.revision}, {"happened", *happened}});
      return *happened ? absl::OkStatus() : storage::StatusOfSqlState("");
    }
  }
  return MakeError(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN",
                   "storage went away while it committed; repeat the request with the same request_id");
}

absl::StatusOr<bool> PostgresWriter::Happened(const ChangeSetRow& last) {
  OREWATCH_RETURN_IF_ERROR(Connect());
  OREWATCH_RETURN_IF_ERROR(connection_->Query(kAwaitEnd).status());
  OREWATCH_ASSIGN_OR_RETURN(const auto rows,
                            connection_->Query(kTransactionOf, PostgresParameters().Int(last.revision)));
  return !rows.empty() && rows.Int(0, 0) == last.transaction;
}

}  // namespace orewatch::registry
