// One write inside the writer's transaction.
#pragma once

#include <string>
#include <vector>

#include "common/storage/sqlite.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

class SqliteWriteTransaction final : public WriteTransaction {
 public:
  SqliteWriteTransaction(storage::Sqlite& db, int64_t revision, absl::Time commit_time)
      : db_(db), revision_(revision), commit_time_(commit_time) {}

  absl::StatusOr<std::optional<StoredEntry>> Find(Kind kind, const std::string& key) override;
  absl::Status Put(Kind kind, const std::string& key, const v1::Entry& entry) override;
  absl::Status Delete(Kind kind, const std::string& key) override;
  absl::StatusOr<std::vector<std::string>> Referrers(const std::string& target, int limit) override;
  absl::StatusOr<std::optional<PastRequest>> FindRequest(const Author& author) override;
  absl::Status KeepRequest(const Author& author, const PastRequest& request) override;
  int64_t revision() const override { return revision_; }
  absl::Time commit_time() const override { return commit_time_; }

  bool changed() const { return changes_ > 0; }
  absl::Status RecordChangeSet(const Author& author);

 private:
  // Ends the live version; a version of this very write is dropped, so that one write leaves one version.
  absl::Status EndVersion(Kind kind, const StoredEntry& live);
  absl::Status ReplaceReferences(Kind kind, const std::string& key, const v1::Entry* entry);
  absl::Status RecordChange(Kind kind, const std::string& key, v1::Change::Operation operation);

  storage::Sqlite& db_;
  const int64_t revision_;
  const absl::Time commit_time_;
  int64_t changes_ = 0;
};

}  // namespace orewatch::registry
