// One write inside the writer's transaction.
#pragma once

#include <string>
#include <vector>

#include "common/storage/sqlite.h"
#include "services/registry/domain/change_digest.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

class SqliteWriteTransaction final : public WriteTransaction {
 public:
  // `previous_digest` is that of the revision before.
  SqliteWriteTransaction(storage::Sqlite& db, int64_t revision, absl::Time commit_time,
                         absl::string_view previous_digest)
      : db_(db), revision_(revision), commit_time_(commit_time), digest_(previous_digest) {}

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
  int64_t revision() const override { return revision_; }
  absl::Time commit_time() const override { return commit_time_; }

  bool changed() const { return changes_ > 0; }
  // Returns the digest of the history up to this revision.
  absl::StatusOr<std::string> RecordChangeSet(const Author& author);

 private:
  // The last version, which this write has not written.
  absl::StatusOr<std::optional<StoredEntry>> FindUntouched(Kind kind, const std::string& key);
  absl::Status EndVersion(Kind kind, const StoredEntry& live);
  absl::Status AddVersion(const StoredEntry& version, absl::string_view payload);
  absl::Status ReplaceReferences(Kind kind, const std::string& key, const v1::Entry* entry);
  absl::Status RecordChange(Kind kind, const std::string& key, v1::Change::Operation operation,
                            absl::string_view after);

  storage::Sqlite& db_;
  const int64_t revision_;
  const absl::Time commit_time_;
  ChangeDigest digest_;
  int64_t changes_ = 0;
};

}  // namespace orewatch::registry
