// One write of a group: it reads through the group and keeps what it changes to itself until it has succeeded.
#pragma once

#include <string>
#include <vector>

#include "services/registry/domain/change_digest.h"
#include "services/registry/store/postgres/pending_changes.h"
#include "services/registry/store/postgres/write_group.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

class PostgresWriteTransaction final : public WriteTransaction {
 public:
  // `previous_digest` is that of the revision before.
  PostgresWriteTransaction(WriteGroup& group, int64_t revision, absl::Time commit_time,
                           absl::string_view previous_digest, const std::string& secret)
      : group_(group), revision_(revision), commit_time_(commit_time), digest_(previous_digest, secret) {}

  absl::Status Prefetch(const std::vector<EntryKey>& keys) override { return group_.Load(keys); }
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

  bool changed() const { return !changes_.changes.empty(); }
  // Ends the write: what is to be stored of it, with its change set if it changed anything. `transaction` is that of
  // ChangeSetRow.
  PendingChanges Finish(const Author& author, int64_t transaction);

 private:
  absl::StatusOr<VersionPtr> Live(const EntryKey& key);
  // The last version, which this write has not begun.
  absl::StatusOr<VersionPtr> LiveBefore(const EntryKey& key);
  // Begins a version: a copy of the last with the payload, or a first one.
  void Begin(const EntryKey& key, const Version* last, std::string payload, bool deleted);
  // Ends the last version if there is one, and what it refers to.
  absl::Status End(const VersionPtr& last);
  void RecordChange(const EntryKey& key, v1::Change::Operation operation, absl::string_view after);

  WriteGroup& group_;
  const int64_t revision_;
  const absl::Time commit_time_;
  ChangeDigest digest_;
  PendingChanges changes_;
};

}  // namespace orewatch::registry
