#include "services/registry/store/sqlite/sqlite_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/store/sqlite/rows.h"
#include "services/registry/store/sqlite/schema.h"
#include "services/registry/store/sqlite/write_transaction.h"

namespace orewatch::registry {
namespace {

constexpr absl::Duration kRequestsKept = absl::Hours(25);

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path, const Clock& clock) {
  OREWATCH_ASSIGN_OR_RETURN(auto writer, storage::Sqlite::Open(path));
  OREWATCH_RETURN_IF_ERROR(Migrate(*writer));
  auto store = std::unique_ptr<SqliteStore>(new SqliteStore(path, clock, std::move(writer)));
  OREWATCH_RETURN_IF_ERROR(store->LoadHistory());
  store->queue_ =
      std::make_unique<CommitQueue>([raw = store.get()](const CommitQueue::Group& group) { raw->CommitGroup(group); });
  return store;
}

SqliteStore::SqliteStore(std::string path, const Clock& clock, std::unique_ptr<storage::Sqlite> writer)
    : path_(std::move(path)), clock_(clock), writer_(std::move(writer)) {}

absl::Status SqliteStore::LoadHistory() {
  auto row = writer_->Prepare("SELECT lineage, head, last_commit FROM history");
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "the database has no history");
  }
  lineage_ = std::string(row.Text(0));
  head_ = row.Int(1);
  last_commit_ = absl::FromUnixMicros(row.Int(2));
  return absl::OkStatus();
}

void SqliteStore::CommitGroup(const CommitQueue::Group& group) {
  int64_t head = head_.load();
  absl::Time last_commit = last_commit_;
  const absl::Status status = writer_->Transact([&]() -> absl::Status {
    for (Waiting* waiting : group) {
      OREWATCH_RETURN_IF_ERROR(RunOne(*waiting, head, last_commit));
    }
    OREWATCH_RETURN_IF_ERROR(ForgetOldRequests(last_commit));
    return writer_->Prepare("UPDATE history SET head = ?, last_commit = ?")
        .Bind(head)
        .Bind(absl::ToUnixMicros(last_commit))
        .Run();
  });
  if (!status.ok()) {
    // Nothing of the group is durable, whatever each was told.
    for (Waiting* waiting : group) {
      waiting->result = status;
    }
    return;
  }
  last_commit_ = last_commit;
  if (head_.exchange(head) != head) {
    committed_.NotifyAll();
  }
}

absl::Status SqliteStore::RunOne(Waiting& waiting, int64_t& head, absl::Time& last_commit) {
  // Strictly increasing, also where the clock stands still or goes back.
  const absl::Time now = std::max(clock_.Now(), last_commit + absl::Microseconds(1));
  OREWATCH_RETURN_IF_ERROR(writer_->Execute("SAVEPOINT one"));
  SqliteWriteTransaction transaction(*writer_, head + 1, now);
  absl::Status status = waiting.write(transaction);
  if (status.ok() && transaction.changed()) {
    status = transaction.RecordChangeSet(waiting.author);
  }
  if (!status.ok()) {
    waiting.result = status;
    OREWATCH_RETURN_IF_ERROR(writer_->Execute("ROLLBACK TO one"));
  } else {
    if (transaction.changed()) {
      ++head;
      last_commit = now;
    }
    waiting.result = Committed{head, transaction.changed()};
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

absl::StatusOr<std::optional<StoredEntry>> SqliteStore::Find(Kind kind, const std::string& key) {
  return WithReader<std::optional<StoredEntry>>([&](storage::Sqlite& db) { return FindLive(db, kind, key); });
}

absl::StatusOr<ListResult> SqliteStore::List(const ListQuery& query) {
  return WithReader<ListResult>([&](storage::Sqlite& db) { return ReadList(db, query); });
}

absl::StatusOr<v1::ChangeSet> SqliteStore::ReadChanges(int64_t revision, int first, size_t max_bytes) {
  auto changes = WithReader<v1::ChangeSet>([&](storage::Sqlite& db) -> absl::StatusOr<v1::ChangeSet> {
    // One snapshot for the set and its changes.
    absl::StatusOr<v1::ChangeSet> read = v1::ChangeSet();
    OREWATCH_RETURN_IF_ERROR(db.Read([&] {
      read = ReadChangeSet(db, revision, first, max_bytes);
      return read.status();
    }));
    return read;
  });
  if (changes.ok()) {
    changes->mutable_revision()->set_lineage(lineage_);
  }
  return changes;
}

}  // namespace orewatch::registry
