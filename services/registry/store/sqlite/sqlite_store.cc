#include "services/registry/store/sqlite/sqlite_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "services/registry/store/sqlite/changes.h"
#include "services/registry/store/sqlite/rows.h"
#include "services/registry/store/sqlite/schema.h"
#include "services/registry/store/sqlite/search.h"
#include "services/registry/store/sqlite/write_transaction.h"

namespace orewatch::registry {
namespace {

constexpr absl::Duration kRequestsKept = absl::Hours(25);

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path, const Clock& clock) {
  OREWATCH_ASSIGN_OR_RETURN(auto writer, storage::Sqlite::Open(path));
  OREWATCH_RETURN_IF_ERROR(Migrate(*writer));
  OREWATCH_ASSIGN_OR_RETURN(auto mark, HistoryMark::Open(absl::StrCat(path, ".history")));
  auto store = std::unique_ptr<SqliteStore>(new SqliteStore(path, clock, std::move(writer), std::move(mark)));
  OREWATCH_RETURN_IF_ERROR(store->LoadHistory());
  OREWATCH_RETURN_IF_ERROR(store->RenewLineageIfRestored());
  store->queue_ =
      std::make_unique<CommitQueue>([raw = store.get()](const CommitQueue::Group& group) { raw->CommitGroup(group); });
  return store;
}

SqliteStore::SqliteStore(std::string path, const Clock& clock, std::unique_ptr<storage::Sqlite> writer,
                         std::unique_ptr<HistoryMark> mark)
    : path_(std::move(path)), clock_(clock), writer_(std::move(writer)), mark_(std::move(mark)) {}

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
  const auto remembered = mark_->Read();
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

void SqliteStore::CommitGroup(const CommitQueue::Group& group) {
  Position position{head_.load(), earliest_.load(), last_commit_, digest_};
  const absl::Status status = writer_->Transact([&]() -> absl::Status {
    for (Waiting* waiting : group) {
      OREWATCH_RETURN_IF_ERROR(RunOne(*waiting, position));
    }
    OREWATCH_RETURN_IF_ERROR(ForgetOldRequests(position.last_commit));
    OREWATCH_RETURN_IF_ERROR(writer_->Prepare("UPDATE history SET head = ?, last_commit = ?")
                                 .Bind(position.head)
                                 .Bind(absl::ToUnixMicros(position.last_commit))
                                 .Run());
    auto row = writer_->Prepare("SELECT earliest FROM history");
    OREWATCH_RETURN_IF_ERROR(row.Step().status());
    position.earliest = row.Int(0);
    return absl::OkStatus();
  });
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

absl::Status SqliteStore::RunOne(Waiting& waiting, Position& position) {
  // Strictly increasing, also where the clock stands still or goes back.
  const absl::Time now = std::max(clock_.Now(), position.last_commit + absl::Microseconds(1));
  OREWATCH_RETURN_IF_ERROR(writer_->Execute("SAVEPOINT one"));
  SqliteWriteTransaction transaction(*writer_, position.head + 1, now, position.digest);
  absl::Status status = waiting.write(transaction);
  absl::StatusOr<std::string> digest = position.digest;
  if (status.ok() && transaction.changed()) {
    digest = transaction.RecordChangeSet(waiting.author);
    status = digest.status();
  }
  if (!status.ok()) {
    waiting.result = status;
    OREWATCH_RETURN_IF_ERROR(writer_->Execute("ROLLBACK TO one"));
  } else {
    if (transaction.changed()) {
      ++position.head;
      position.last_commit = now;
      position.digest = *std::move(digest);
    }
    waiting.result = Committed{position.head, transaction.changed()};
  }
  return writer_->Execute("RELEASE one");
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
    OREWATCH_ASSIGN_OR_RETURN(reader, storage::Sqlite::Open(path_, {/*read_only=*/true}));
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
  return WithReader<std::optional<StoredEntry>>([&](storage::Sqlite& db) { return FindLive(db, kind, key); });
}

absl::StatusOr<ListResult> SqliteStore::List(const ListQuery& query) {
  auto list = WithReader<ListResult>([&](storage::Sqlite& db) { return ReadList(db, query); });
  // Looked at after the read: what was compacted meanwhile may have been read in part.
  return query.revision < earliest() ? RevisionCompacted(query.revision, earliest()) : std::move(list);
}

absl::StatusOr<FoundEntries> SqliteStore::FindAll(const std::vector<EntryKey>& keys) {
  return WithSnapshot<FoundEntries>([&](storage::Sqlite& db) { return FindEach(db, keys); });
}

absl::StatusOr<v1::ChangeSet> SqliteStore::ReadChanges(int64_t revision, int first, size_t max_bytes) {
  auto changes =
      WithSnapshot<v1::ChangeSet>([&](storage::Sqlite& db) { return ReadChangeSet(db, revision, first, max_bytes); });
  // Looked at after the read: what was compacted meanwhile may have been read in part.
  if (revision <= earliest()) {
    return RevisionCompacted(revision, earliest());
  }
  if (changes.ok()) {
    changes->mutable_revision()->set_lineage(lineage_);
  }
  return changes;
}

absl::StatusOr<std::vector<v1::ChangeSet>> SqliteStore::ReadHistory(const HistoryQuery& query) {
  auto sets = WithSnapshot<std::vector<v1::ChangeSet>>([&](storage::Sqlite& db) { return ReadChangesOf(db, query); });
  if (sets.ok()) {
    for (v1::ChangeSet& set : *sets) {
      set.mutable_revision()->set_lineage(lineage_);
    }
  }
  return sets;
}

absl::StatusOr<std::vector<SearchHit>> SqliteStore::Search(const SearchQuery& query) {
  return WithSnapshot<std::vector<SearchHit>>([&](storage::Sqlite& db) { return SearchEntries(db, query); });
}

absl::StatusOr<std::vector<EntryKey>> SqliteStore::DeletedBefore(absl::Time time, int limit) {
  return WithReader<std::vector<EntryKey>>([&](storage::Sqlite& db) { return ReadDeletedBefore(db, time, limit); });
}

absl::StatusOr<std::string> SqliteStore::DigestAt(int64_t revision) {
  return WithReader<std::string>([&](storage::Sqlite& db) { return ReadDigest(db, revision); });
}

absl::StatusOr<int64_t> SqliteStore::RevisionAt(absl::Time time) {
  return WithReader<int64_t>([&](storage::Sqlite& db) { return ReadRevisionAt(db, time); });
}

absl::StatusOr<std::optional<int64_t>> SqliteStore::SlowestFollower(absl::Time since) {
  return WithReader<std::optional<int64_t>>([&](storage::Sqlite& db) { return ReadSlowestFollower(db, since); });
}

}  // namespace orewatch::registry
