#include "services/registry/store/sqlite/write_transaction.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/domain/references.h"
#include "services/registry/store/sqlite/rows.h"

namespace orewatch::registry {

absl::StatusOr<std::optional<StoredEntry>> SqliteWriteTransaction::Find(Kind kind, const std::string& key) {
  return FindLive(db_, kind, key);
}

absl::Status SqliteWriteTransaction::Put(Kind kind, const std::string& key, const v1::Entry& entry) {
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<StoredEntry> live, Find(kind, key));
  if (live.has_value() && live->from_revision == revision_) {
    return MakeError(absl::StatusCode::kInvalidArgument, "REPEATED_ENTRY",
                     absl::StrCat(key, " is written twice in one change set"));
  }
  absl::Time create_time = commit_time_;
  if (live.has_value()) {
    create_time = live->create_time;
    OREWATCH_RETURN_IF_ERROR(EndVersion(kind, *live));
  }
  OREWATCH_RETURN_IF_ERROR(db_.Prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)")
                               .Bind(static_cast<int64_t>(kind))
                               .Bind(key)
                               .Bind(revision_)
                               .Bind(kLive)
                               .Bind(absl::ToUnixMicros(create_time))
                               .Bind(absl::ToUnixMicros(commit_time_))
                               .BindBlob(entry.SerializeAsString())
                               .Run());
  OREWATCH_RETURN_IF_ERROR(ReplaceReferences(kind, key, &entry));
  return RecordChange(kind, key, live.has_value() ? v1::Change::OPERATION_UPDATE : v1::Change::OPERATION_CREATE);
}

absl::Status SqliteWriteTransaction::Delete(Kind kind, const std::string& key) {
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<StoredEntry> live, Find(kind, key));
  if (!live.has_value()) {
    return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat(key, " does not exist"), {{"name", key}});
  }
  OREWATCH_RETURN_IF_ERROR(EndVersion(kind, *live));
  OREWATCH_RETURN_IF_ERROR(ReplaceReferences(kind, key, nullptr));
  return RecordChange(kind, key, v1::Change::OPERATION_DELETE);
}

absl::Status SqliteWriteTransaction::EndVersion(Kind kind, const StoredEntry& live) {
  return db_.Prepare("UPDATE entries SET to_revision = ? WHERE kind = ? AND key = ? AND from_revision = ?")
      .Bind(revision_)
      .Bind(static_cast<int64_t>(kind))
      .Bind(live.key)
      .Bind(live.from_revision)
      .Run();
}

absl::Status SqliteWriteTransaction::ReplaceReferences(Kind kind, const std::string& key, const v1::Entry* entry) {
  OREWATCH_RETURN_IF_ERROR(db_.Prepare("DELETE FROM refs WHERE source_kind = ? AND source_key = ?")
                               .Bind(static_cast<int64_t>(kind))
                               .Bind(key)
                               .Run());
  if (entry == nullptr) {
    return absl::OkStatus();
  }
  for (const Reference& reference : ReferencesOf(*entry)) {
    OREWATCH_RETURN_IF_ERROR(db_.Prepare("INSERT OR IGNORE INTO refs VALUES (?, ?, ?)")
                                 .Bind(reference.target)
                                 .Bind(static_cast<int64_t>(kind))
                                 .Bind(key)
                                 .Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteWriteTransaction::RecordChange(Kind kind, const std::string& key, v1::Change::Operation operation) {
  return db_.Prepare("INSERT INTO changes VALUES (?, ?, ?, ?, ?)")
      .Bind(revision_)
      .Bind(changes_++)
      .Bind(static_cast<int64_t>(kind))
      .Bind(key)
      .Bind(static_cast<int64_t>(operation))
      .Run();
}

absl::Status SqliteWriteTransaction::RecordChangeSet(const Author& author) {
  return db_.Prepare("INSERT INTO change_sets VALUES (?, ?, ?, ?)")
      .Bind(revision_)
      .Bind(absl::ToUnixMicros(commit_time_))
      .Bind(author.principal)
      .Bind(author.request_id)
      .Run();
}

absl::StatusOr<std::vector<std::string>> SqliteWriteTransaction::Referrers(const std::string& target, int limit) {
  auto rows = db_.Prepare("SELECT source_key FROM refs WHERE target = ? ORDER BY source_kind, source_key LIMIT ?");
  rows.Bind(target).Bind(int64_t{limit});
  std::vector<std::string> referrers;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) {
      return referrers;
    }
    referrers.emplace_back(rows.Text(0));
  }
}

absl::StatusOr<std::optional<WriteTransaction::PastRequest>> SqliteWriteTransaction::FindRequest(const Author& author) {
  auto row = db_.Prepare("SELECT digest, answer FROM requests WHERE principal = ? AND request_id = ?");
  row.Bind(author.principal).Bind(author.request_id);
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return std::optional<PastRequest>();
  }
  return std::make_optional(PastRequest{std::string(row.Blob(0)), std::string(row.Blob(1))});
}

absl::Status SqliteWriteTransaction::KeepRequest(const Author& author, const PastRequest& request) {
  return db_.Prepare("INSERT INTO requests VALUES (?, ?, ?, ?, ?)")
      .Bind(author.principal)
      .Bind(author.request_id)
      .Bind(absl::ToUnixMicros(commit_time_))
      .BindBlob(request.digest)
      .BindBlob(request.answer)
      .Run();
}

}  // namespace orewatch::registry
