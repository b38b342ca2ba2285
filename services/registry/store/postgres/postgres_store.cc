#include "services/registry/store/postgres/postgres_store.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "common/time/deadline_scope.h"
#include "common/time/steady.h"
#include "services/registry/store/postgres/change_rows.h"
#include "services/registry/store/postgres/entry_rows.h"
#include "services/registry/store/postgres/history.h"
#include "services/registry/store/postgres/search.h"

namespace orewatch::registry {
namespace {

// Plans are kept while the tables grow, so they are always by index (as in writer.cc).
constexpr char kReaderSession[] = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off";

// What Read and the writer say that they do.
const std::vector<const char*> kOperations = {
    "commit",           "find",           "find_all",         "list",      "read_changes", "read_history",
    "search",           "deleted_before", "count_entries",    "digest_at", "revision_at",  "revision_reached",
    "slowest_follower", "find_head",      "earliest_searched"};

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
  if (options.answered != nullptr) {
    options.answered();
  }
  store->Start();
  return store;
}

PostgresStore::PostgresStore(const Options& options, const Clock& clock, prometheus::Registry& metrics)
    : options_(options),
      metrics_(metrics, kOperations),
      connection_(ConnectionOptions(options, metrics_)),
      readers_(connection_, options.connections, metrics_,
               [this](storage::Postgres& db) { return OpenHistory(db, known_); }),
      writer_(connection_, options.lock_timeout, clock, known_, metrics_) {}

void PostgresStore::Start() {
  queue_ = std::make_unique<CommitQueue>([this](const CommitQueue::Group& group) { writer_.CommitGroup(group); });
  storage::PostgresListener::Options listener;
  listener.connection = connection_;
  listener.channel = PostgresWriter::kChannel;
  listener.poll = options_.poll;
  // It may be another server than before.
  listener.connected = [this](storage::Postgres& db) { return OpenHistory(db, known_); };
  listener.look = [this](storage::Postgres& db) { return LookAtHistory(db, known_); };
  listener.heard = [this](const std::string& payload) { return Hear(payload); };
  listener.answered = options_.answered;
  listener_ = std::make_unique<storage::PostgresListener>(std::move(listener));
}

bool PostgresStore::Hear(const std::string& payload) {
  const auto position = PositionIn(payload);
  if (!position.has_value()) {
    log::Warning("not a position", {{"channel", PostgresWriter::kChannel}, {"payload", payload}});
    return true;
  }
  return known_.Advance(*position);
}

template <typename Result>
absl::StatusOr<Result> PostgresStore::Read(const char* operation,
                                           const std::function<absl::StatusOr<Result>(storage::Postgres&)>& body) {
  absl::StatusOr<Result> result = Result();
  const absl::Time deadline = std::min(SteadyNow() + options_.read_timeout, DeadlineScope::Current());
  OREWATCH_RETURN_IF_ERROR(readers_.Read(operation, deadline, [&](storage::Postgres& db) {
    result = body(db);
    return result.status();
  }));
  return result;
}

absl::StatusOr<int64_t> PostgresStore::FindHead() {
  return Read<int64_t>("find_head", [this](storage::Postgres& db) -> absl::StatusOr<int64_t> {
    if (absl::Status status = LookAtHistory(db, known_); !status.ok()) {
      // A new connection tells which lineage is the newer.
      db.GiveUp();
      return status;
    }
    return known_.head();
  });
}

absl::StatusOr<std::optional<StoredEntry>> PostgresStore::Find(Kind kind, const std::string& key) {
  return Read<std::optional<StoredEntry>>("find", [&](storage::Postgres& db) { return FindLive(db, kind, key); });
}

absl::StatusOr<ListResult> PostgresStore::List(const ListQuery& query) {
  return Read<ListResult>("list", [&](storage::Postgres& db) { return ReadList(db, query); });
}

absl::StatusOr<FoundEntries> PostgresStore::FindAll(const std::vector<EntryKey>& keys, size_t max_bytes) {
  return Read<FoundEntries>("find_all", [&](storage::Postgres& db) { return FindEach(db, keys, max_bytes); });
}

absl::StatusOr<v1::ChangeSet> PostgresStore::ReadChanges(int64_t revision, int first, size_t max_bytes) {
  return Read<v1::ChangeSet>("read_changes",
                             [&](storage::Postgres& db) { return ReadChangeSet(db, revision, first, max_bytes); });
}

absl::StatusOr<HistoryResult> PostgresStore::ReadHistory(const HistoryQuery& query) {
  return Read<HistoryResult>("read_history", [&](storage::Postgres& db) { return ReadChangesOf(db, query); });
}

absl::StatusOr<std::vector<SearchHit>> PostgresStore::Search(const SearchQuery& query) {
  return Read<std::vector<SearchHit>>("search", [&](storage::Postgres& db) { return SearchEntries(db, query); });
}

absl::StatusOr<int64_t> PostgresStore::EarliestSearched() {
  return Read<int64_t>("earliest_searched", ReadEarliestSearched);
}

absl::StatusOr<std::vector<EntryKey>> PostgresStore::DeletedBefore(absl::Time time, int limit) {
  return Read<std::vector<EntryKey>>("deleted_before",
                                     [&](storage::Postgres& db) { return ReadDeletedBefore(db, time, limit); });
}

absl::StatusOr<std::vector<EntryCount>> PostgresStore::CountEntries() {
  return Read<std::vector<EntryCount>>("count_entries", [](storage::Postgres& db) { return ReadEntryCounts(db); });
}

absl::StatusOr<std::string> PostgresStore::DigestAt(int64_t revision) {
  return Read<std::string>("digest_at", [&](storage::Postgres& db) { return ReadDigest(db, revision); });
}

absl::StatusOr<int64_t> PostgresStore::RevisionReached(int64_t after, int changes) {
  return Read<int64_t>("revision_reached",
                       [&](storage::Postgres& db) { return ReadRevisionReached(db, after, changes); });
}

absl::StatusOr<int64_t> PostgresStore::RevisionAt(absl::Time time) {
  return Read<int64_t>("revision_at", [&](storage::Postgres& db) { return ReadRevisionAt(db, time); });
}

absl::StatusOr<std::optional<int64_t>> PostgresStore::SlowestFollower(absl::Time since) {
  return Read<std::optional<int64_t>>("slowest_follower",
                                      [&](storage::Postgres& db) { return ReadSlowestFollower(db, since); });
}

}  // namespace orewatch::registry
