#include "services/registry/store/postgres/postgres_store.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "services/registry/store/postgres/entry_rows.h"
#include "services/registry/store/postgres/history.h"

namespace orewatch::registry {
namespace {

// For one page or chunk.
constexpr absl::Duration kReadTimeout = absl::Seconds(30);

// Plans are kept while the tables grow, so they are always by index (as in writer.cc).
constexpr char kReaderSession[] = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off";

storage::PostgresOptions ConnectionOptions(const PostgresStore::Options& options, storage::PostgresMetrics& metrics) {
  storage::PostgresOptions connection;
  connection.database = options.database;
  connection.application_name = "orewatch-registry";
  connection.session = kReaderSession;
  connection.metrics = &metrics;
  return connection;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresStore>> PostgresStore::Open(const Options& options, const Clock& clock,
                                                                   prometheus::Registry& metrics) {
  OREWATCH_RETURN_IF_ERROR(storage::CheckPostgresDatabase(options.database));
  auto store = std::unique_ptr<PostgresStore>(new PostgresStore(options, clock, metrics));
  OREWATCH_RETURN_IF_ERROR(store->writer_.Open());
  store->Start(options);
  return store;
}

PostgresStore::PostgresStore(const Options& options, const Clock& clock, prometheus::Registry& metrics)
    : metrics_(metrics),
      connection_(ConnectionOptions(options, metrics_)),
      readers_(connection_, options.connections, metrics_),
      writer_(connection_, clock, known_, metrics_) {}

void PostgresStore::Start(const Options& options) {
  queue_ = std::make_unique<CommitQueue>([this](const CommitQueue::Group& group) { writer_.CommitGroup(group); });
  storage::PostgresListener::Options listener;
  listener.connection = connection_;
  listener.channel = PostgresWriter::kChannel;
  listener.poll = options.poll;
  listener.connected = [this](storage::Postgres& db) -> absl::Status {
    // It may be another server than before.
    OREWATCH_ASSIGN_OR_RETURN(const History history, OpenHistory(db));
    known_.Adopt(history);
    return absl::OkStatus();
  };
  listener.look = [this](storage::Postgres& db) { return Look(db); };
  listener.heard = [this](const std::string& payload) { Hear(payload); };
  listener_ = std::make_unique<storage::PostgresListener>(std::move(listener));
}

absl::Status PostgresStore::Look(storage::Postgres& db) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kReadHistory));
  OREWATCH_ASSIGN_OR_RETURN(const History history, HistoryOf(rows));
  if (history.lineage != known_.lineage()) {
    // Only a new connection shows which of the two is the newer.
    return MakeError(absl::StatusCode::kUnavailable, "LINEAGE_CHANGED", "the database is of another lineage");
  }
  known_.Advance(history.head);
  return absl::OkStatus();
}

void PostgresStore::Hear(const std::string& payload) {
  int64_t head = 0;
  if (absl::SimpleAtoi(payload, &head)) {
    known_.Advance(head);
  } else {
    log::Warning("not a revision", {{"channel", PostgresWriter::kChannel}, {"payload", payload}});
  }
}

template <typename Result>
absl::StatusOr<Result> PostgresStore::Read(const char* operation,
                                           const std::function<absl::StatusOr<Result>(storage::Postgres&)>& body) {
  absl::StatusOr<Result> result = Result();
  OREWATCH_RETURN_IF_ERROR(readers_.Read(operation, absl::Now() + kReadTimeout, [&](storage::Postgres& db) {
    result = body(db);
    return result.status();
  }));
  return result;
}

absl::StatusOr<std::optional<StoredEntry>> PostgresStore::Find(Kind kind, const std::string& key) {
  return Read<std::optional<StoredEntry>>("find", [&](storage::Postgres& db) { return FindLive(db, kind, key); });
}

absl::StatusOr<ListResult> PostgresStore::List(const ListQuery& query) {
  return Read<ListResult>("list", [&](storage::Postgres& db) { return ReadList(db, query); });
}

absl::StatusOr<v1::ChangeSet> PostgresStore::ReadChanges(int64_t revision, int first, size_t max_bytes) {
  auto changes = Read<v1::ChangeSet>(
      "read_changes", [&](storage::Postgres& db) { return ReadChangeSet(db, revision, first, max_bytes); });
  if (changes.ok()) {
    changes->mutable_revision()->set_lineage(known_.lineage());
  }
  return changes;
}

}  // namespace orewatch::registry
