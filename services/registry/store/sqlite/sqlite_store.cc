#include "services/registry/store/sqlite/sqlite_store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "services/registry/store/sqlite/changes.h"
#include "services/registry/store/sqlite/relevance.h"
#include "services/registry/store/sqlite/rows.h"
#include "services/registry/store/sqlite/schema.h"
#include "services/registry/store/sqlite/search.h"
#include "services/registry/store/sqlite/write_transaction.h"

namespace orewatch::registry {
namespace {

using storage::HistoryMark;

constexpr absl::Duration kRequestsKept = absl::Hours(25);
// Of entries in memory.
constexpr size_t kCacheBytes = 64 << 20;
// Of the history in memory, for those who follow it.
constexpr size_t kReadsKept = 64;
constexpr size_t kMaxReadKeptBytes = 64 << 10;

// As the tables keep it, so that an answer from memory is the answer from disk.
absl::Time InMicroseconds(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(
    const std::string& path, const Clock& clock, const std::shared_ptr<storage::StorageMetrics>& metrics) {
  // What a link leads to is locked, by whichever way it is reached; it may not be there yet.
  std::ofstream(path, std::ios::app).close();
  std::error_code error;
  const std::string file = std::filesystem::canonical(path, error).string();
  OREWATCH_ASSIGN_OR_RETURN(auto mark,
                            HistoryMark::Open(absl::StrCat(error ? path : file, ".history"), HistoryMark::Use::kAlone));
  OREWATCH_ASSIGN_OR_RETURN(auto writer, storage::Sqlite::Open(path, {.metrics = metrics}));
  OREWATCH_RETURN_IF_ERROR(Migrate(*writer).status());
  auto store = std::unique_ptr<SqliteStore>(new SqliteStore(path, clock, std::move(writer), std::move(mark)));
  OREWATCH_RETURN_IF_ERROR(store->LoadHistory());
  OREWATCH_RETURN_IF_ERROR(store->RenewLineageIfRestored());
  store->queue_ =
      std::make_unique<CommitQueue>([raw = store.get()](const CommitQueue::Group& group) { raw->CommitGroup(group); });
  return store;
}

SqliteStore::SqliteStore(std::string path, const Clock& clock, std::unique_ptr<storage::Sqlite> writer,
                         std::unique_ptr<HistoryMark> mark)
    : path_(std::move(path)), clock_(clock), cache_(kCacheBytes), writer_(std::move(writer)), mark_(std::move(mark)) {}

absl::Status SqliteStore::LoadHistory() {
  {
    auto row = writer_->Prepare("SELECT lineage, head, last_commit, earliest, secret FROM history");
    OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
    if (!found) {
      return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "the database has no history");
    }
    lineage_ = std::string(row.Text(0));
    head_ = row.Int(1);
    last_commit_ = absl::FromUnixMicros(row.Int(2));
    earliest_ = row.Int(3);
    secret_ = std::string(row.Blob(4));
  }
  OREWATCH_ASSIGN_OR_RETURN(digest_, ReadDigest(*writer_, head_));
  return absl::OkStatus();
}

absl::Status SqliteStore::RenewLineageIfRestored() {
  const auto& remembered = mark_->found();
  const bool as_left = remembered.has_value() && remembered->lineage == lineage_ && remembered->head <= head_;
  if (head_ > 0 && !as_left) {
    const std::string renewed = NewLineage();
    log::Info("the database was restored or moved; its history goes on under a new lineage",
              {{"path", path_}, {"lineage", renewed}, {"before", lineage_}, {"head", head_.load()}});
    OREWATCH_RETURN_IF_ERROR(writer_->Prepare("UPDATE history SET lineage = ?").Bind(renewed).Run());
    lineage_ = renewed;
  }
  return mark_->Write({lineage_, head_}, /*durable=*/true);
}

absl::Status SqliteStore::RunGroup(const CommitQueue::Group& group, Position& position) {
  for (Waiting* waiting : group) {
    OREWATCH_RETURN_IF_ERROR(RunOne(*waiting, /*alone=*/group.size() == 1, position));
  }
  OREWATCH_RETURN_IF_ERROR(IndexAll(*writer_, position.written));
  OREWATCH_RETURN_IF_ERROR(ForgetOldRequests(position.last_commit));
  OREWATCH_RETURN_IF_ERROR(writer_->Prepare("UPDATE history SET head = ?, last_commit = ?")
                               .Bind(position.head)
                               .Bind(absl::ToUnixMicros(position.last_commit))
                               .Run());
  auto row = writer_->Prepare("SELECT earliest FROM history");
  OREWATCH_RETURN_IF_ERROR(row.Step().status());
  position.earliest = row.Int(0);
  return absl::OkStatus();
}

void SqliteStore::CommitGroup(const CommitQueue::Group& group) {
  Position position{head_.load(), earliest_.load(), last_commit_, digest_, {}};
  const absl::Status status = writer_->Transact([&]() -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(RunGroup(group, position));
    for (const WrittenEntry& written : position.written.entries()) {
      cache_.BeginCommit(EntryCache::NameOf(written.kind, written.key));
    }
    return absl::OkStatus();
  });
  for (const WrittenEntry& written : position.written.entries()) {
    cache_.EndCommit(EntryCache::NameOf(written.kind, written.key), status.ok() ? written.entry : nullptr);
  }
  if (!status.ok()) {
    // Nothing of the group is durable, whatever each was told.
    for (Waiting* waiting : group) {
      waiting->result = status;
    }
    return;
  }
  last_commit_ = position.last_commit;
  digest_ = std::move(position.digest);
  earliest_.store(position.earliest);
  const bool changed = head_.exchange(position.head) != position.head;
  // The commit stands whether or not the mark can be written: a mark that lags notices fewer restores, no more.
  if (const absl::Status marked = mark_->Write({lineage_, position.head}, /*durable=*/false); !marked.ok()) {
    log::Error("the history mark could not be written", {{"status", marked.ToString()}});
  }
  if (changed) {
    committed_.NotifyAll();
  }
}

absl::Status SqliteStore::RunOne(Waiting& waiting, bool alone, Position& position) {
  if (alone) {
    // The transaction is undone with it.
    return Apply(waiting, position);
  }
  OREWATCH_RETURN_IF_ERROR(writer_->Prepare("SAVEPOINT one").Run());
  if (absl::Status status = Apply(waiting, position); !status.ok()) {
    waiting.result = std::move(status);
    OREWATCH_RETURN_IF_ERROR(writer_->Prepare("ROLLBACK TO one").Run());
  }
  return writer_->Prepare("RELEASE one").Run();
}

absl::Status SqliteStore::Apply(Waiting& waiting, Position& position) {
  // Strictly increasing, also where the clock stands still or goes back.
  const absl::Time now = std::max(InMicroseconds(clock_.Now()), position.last_commit + absl::Microseconds(1));
  SqliteWriteTransaction transaction(*writer_, cache_, position.written, position.head + 1, now, position.digest,
                                     secret_);
  OREWATCH_RETURN_IF_ERROR(waiting.write(transaction));
  if (transaction.changed()) {
    OREWATCH_ASSIGN_OR_RETURN(position.digest, transaction.RecordChangeSet(waiting.author));
    ++position.head;
    position.last_commit = now;
    position.written.AddAll(std::move(transaction.written()));
  }
  waiting.result = Committed{position.head, transaction.changed()};
  return absl::OkStatus();
}

absl::Status SqliteStore::ForgetOldRequests(absl::Time now) {
  return writer_->Prepare("DELETE FROM requests WHERE time < ?").Bind(absl::ToUnixMicros(now - kRequestsKept)).Run();
}

template <typename Result>
absl::StatusOr<Result> SqliteStore::WithReader(const std::function<absl::StatusOr<Result>(storage::Sqlite&)>& body) {
  std::unique_ptr<storage::Sqlite> reader;
  {
    absl::MutexLock lock(&readers_mutex_);
    if (!idle_readers_.empty()) {
      reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
    }
  }
  if (reader == nullptr) {
    // Bounded by the threads that read.
    OREWATCH_ASSIGN_OR_RETURN(reader, storage::Sqlite::Open(path_, {/*read_only=*/true, AddRelevance}));
  }
  absl::StatusOr<Result> result = body(*reader);
  absl::MutexLock lock(&readers_mutex_);
  idle_readers_.push_back(std::move(reader));
  return result;
}

template <typename Result>
absl::StatusOr<Result> SqliteStore::WithSnapshot(const std::function<absl::StatusOr<Result>(storage::Sqlite&)>& body) {
  return WithReader<Result>([&](storage::Sqlite& db) -> absl::StatusOr<Result> {
    absl::StatusOr<Result> read = Result();
    OREWATCH_RETURN_IF_ERROR(db.Read([&] {
      read = body(db);
      return read.status();
    }));
    return read;
  });
}

absl::StatusOr<std::optional<StoredEntry>> SqliteStore::Find(Kind kind, const std::string& key) {
  const std::string name = EntryCache::NameOf(kind, key);
  if (const EntryCache::Entry cached = cache_.Find(name); cached != nullptr) {
    return *cached;
  }
  const uint64_t ticket = cache_.TakeTicket(name);
  auto found = WithReader<std::optional<StoredEntry>>([&](storage::Sqlite& db) { return FindLive(db, kind, key); });
  if (found.ok() && found->has_value()) {
    cache_.Offer(ticket, name, std::make_shared<const StoredEntry>(**found));
  }
  return found;
}

std::shared_ptr<const StoredEntry> SqliteStore::FindInMemory(Kind kind, const std::string& key) {
  return cache_.Find(EntryCache::NameOf(kind, key));
}

absl::StatusOr<ListResult> SqliteStore::List(const ListQuery& query) {
  auto list = WithReader<ListResult>([&](storage::Sqlite& db) { return ReadList(db, query); });
  // Looked at after the read: what was compacted meanwhile may have been read in part.
  return query.revision < earliest() ? RevisionCompacted(query.revision, earliest()) : std::move(list);
}

absl::StatusOr<FoundEntries> SqliteStore::FindAll(const std::vector<EntryKey>& keys, size_t max_bytes) {
  return WithSnapshot<FoundEntries>([&](storage::Sqlite& db) { return FindEach(db, keys, max_bytes); });
}

std::shared_ptr<const v1::ChangeSet> SqliteStore::FindRead(int64_t revision, int first, size_t max_bytes) {
  absl::MutexLock lock(&reads_mutex_);
  for (const ReadPart& part : recent_reads_) {
    if (part.revision == revision && part.first == first && part.max_bytes == max_bytes) {
      return part.changes;
    }
  }
  return nullptr;
}

void SqliteStore::KeepRead(ReadPart part) {
  if (part.changes->ByteSizeLong() > kMaxReadKeptBytes) {
    return;
  }
  absl::MutexLock lock(&reads_mutex_);
  recent_reads_.push_front(std::move(part));
  if (recent_reads_.size() > kReadsKept) {
    recent_reads_.pop_back();
  }
}

absl::StatusOr<v1::ChangeSet> SqliteStore::ReadChanges(int64_t revision, int first, size_t max_bytes) {
  auto changes = [&]() -> absl::StatusOr<v1::ChangeSet> {
    if (const auto kept = FindRead(revision, first, max_bytes); kept != nullptr) {
      return *kept;
    }
    auto read =
        WithSnapshot<v1::ChangeSet>([&](storage::Sqlite& db) { return ReadChangeSet(db, revision, first, max_bytes); });
    if (read.ok()) {
      read->mutable_revision()->set_lineage(lineage_);
      KeepRead({revision, first, max_bytes, std::make_shared<const v1::ChangeSet>(*read)});
    }
    return read;
  }();
  // Looked at after the read: what was compacted meanwhile may have been read in part.
  if (revision <= earliest()) {
    return RevisionCompacted(revision, earliest());
  }
  return changes;
}

absl::StatusOr<HistoryResult> SqliteStore::ReadHistory(const HistoryQuery& query) {
  auto history = WithSnapshot<HistoryResult>([&](storage::Sqlite& db) { return ReadChangesOf(db, query); });
  if (history.ok()) {
    for (v1::ChangeSet& set : history->sets) {
      set.mutable_revision()->set_lineage(lineage_);
    }
  }
  return history;
}

absl::StatusOr<std::vector<SearchHit>> SqliteStore::Search(const SearchQuery& query) {
  return WithSnapshot<std::vector<SearchHit>>([&](storage::Sqlite& db) { return SearchEntries(db, query); });
}

absl::StatusOr<int64_t> SqliteStore::EarliestSearched() {
  return WithReader<int64_t>([](storage::Sqlite& db) { return ReadEarliestSearched(db); });
}

absl::StatusOr<std::vector<EntryKey>> SqliteStore::DeletedBefore(absl::Time time, int limit) {
  return WithReader<std::vector<EntryKey>>([&](storage::Sqlite& db) { return ReadDeletedBefore(db, time, limit); });
}

absl::StatusOr<std::vector<EntryCount>> SqliteStore::CountEntries() {
  return WithReader<std::vector<EntryCount>>([](storage::Sqlite& db) { return ReadEntryCounts(db); });
}

absl::StatusOr<std::string> SqliteStore::DigestAt(int64_t revision) {
  return WithReader<std::string>([&](storage::Sqlite& db) { return ReadDigest(db, revision); });
}

absl::StatusOr<int64_t> SqliteStore::RevisionReached(int64_t after, int changes) {
  return WithReader<int64_t>([&](storage::Sqlite& db) { return ReadRevisionReached(db, after, changes); });
}

absl::StatusOr<int64_t> SqliteStore::RevisionAt(absl::Time time) {
  return WithReader<int64_t>([&](storage::Sqlite& db) { return ReadRevisionAt(db, time); });
}

absl::StatusOr<std::optional<int64_t>> SqliteStore::SlowestFollower(absl::Time since) {
  return WithReader<std::optional<int64_t>>([&](storage::Sqlite& db) { return ReadSlowestFollower(db, since); });
}

}  // namespace orewatch::registry
