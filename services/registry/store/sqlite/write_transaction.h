// One write inside the writer's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/storage/sqlite.h"
#include "services/registry/domain/change_digest.h"
#include "services/registry/store/sqlite/entry_cache.h"
#include "services/registry/store/sqlite/written_entries.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

class SqliteWriteTransaction final : public WriteTransaction {
 public:
  // The state before the write: the cache has what is committed, `before` what other writes of the transaction wrote;
  // `previous_digest` is that of the revision before.
  SqliteWriteTransaction(storage::Sqlite& db, EntryCache& cache, const WrittenEntries& before, int64_t revision,
                         absl::Time commit_time, absl::string_view previous_digest, const std::string& secret)
      : db_(db),
        cache_(cache),
        before_(before),
        revision_(revision),
        commit_time_(commit_time),
        digest_(previous_digest, secret) {}

  absl::StatusOr<std::optional<StoredEntry>> Find(Kind kind, const std::string& key) override;
  absl::Status Put(Kind kind, const std::string& key, const v1::Entry& entry) override;
  absl::Status MarkDeleted(Kind kind, const std::string& key) override;
  absl::Status Delete(Kind kind, const std::string& key) override;
  absl::StatusOr<bool> Existed(Kind kind, const std::string& key) override;
  absl::StatusOr<std::vector<std::string>> Referrers(const std::string& target, int limit) override;
  absl::StatusOr<std::optional<PastRequest>> FindRequest(const Author& author) override;
  absl::Status KeepRequest(const Author& author, const PastRequest& request) override;
  absl::Status NoteFollower(const std::string& follower, int64_t revision) override;
  absl::Status Compact(int64_t revision) override;
  absl::Status DropSearched(int64_t revision, int max_changes) override;
  int64_t revision() const override { return revision_; }
  absl::Time commit_time() const override { return commit_time_; }

  bool changed() const { return changes_ > 0; }
  // Search does not know of them yet.
  WrittenEntries& written() { return written_; }
  // Returns the digest of the history up to this revision.
  absl::StatusOr<std::string> RecordChangeSet(const Author& author);

 private:
  // The last version; null if there is none.
  absl::StatusOr<EntryCache::Entry> Newest(Kind kind, const std::string& key);
  absl::StatusOr<EntryCache::Entry> ReadNewest(Kind kind, const std::string& key, bool* ended = nullptr);
  // The same, which this write has not written.
  absl::StatusOr<EntryCache::Entry> FindUntouched(Kind kind, const std::string& key);
  absl::Status EndVersion(Kind kind, const StoredEntry& live);
  absl::Status AddVersion(const StoredEntry& version, absl::string_view payload);
  absl::Status RemoveReferences(Kind kind, const std::string& key);
  absl::Status AddReferences(Kind kind, const std::string& key, const v1::Entry& entry);
  absl::Status RecordChange(Kind kind, const std::string& key, v1::Change::Operation operation,
                            absl::string_view after);

  storage::Sqlite& db_;
  EntryCache& cache_;
  const WrittenEntries& before_;
  WrittenEntries written_;
  // Names that were looked for in vain, before they were written; and whether there was one that has ended.
  std::unordered_map<std::string, bool> absent_;
  const int64_t revision_;
  const absl::Time commit_time_;
  ChangeDigest digest_;
  int64_t changes_ = 0;
};

}  // namespace orewatch::registry
