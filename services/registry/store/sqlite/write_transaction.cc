#include "services/registry/store/sqlite/write_transaction.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/domain/references.h"
#include "services/registry/domain/search_terms.h"
#include "services/registry/store/sqlite/rows.h"
#include "services/registry/store/sqlite/search.h"

namespace orewatch::registry {
namespace {

constexpr size_t kMaxAbsentKept = 10'000;
// Of a large write the database keeps the rest.
constexpr size_t kMaxKeptOfAWrite = 64;

absl::Status NoSuchEntry(const std::string& key) {
  return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat(key, " does not exist"), {{"name", key}});
}

}  // namespace

absl::StatusOr<EntryCache::Entry> SqliteWriteTransaction::ReadNewest(Kind kind, const std::string& key, bool* ended) {
  OREWATCH_ASSIGN_OR_RETURN(std::optional<StoredEntry> found, FindLive(db_, kind, key, ended));
  return found.has_value() ? std::make_shared<const StoredEntry>(*std::move(found)) : nullptr;
}

absl::StatusOr<EntryCache::Entry> SqliteWriteTransaction::Newest(Kind kind, const std::string& key) {
  const std::string name = EntryCache::NameOf(kind, key);
  for (const WrittenEntries* written : {&std::as_const(written_), &before_}) {
    if (const WrittenEntry* entry = written->Find(name); entry != nullptr) {
      return entry->entry != nullptr ? entry->entry : ReadNewest(kind, key);
    }
  }
  if (absent_.count(name) > 0) {
    return EntryCache::Entry();
  }
  if (EntryCache::Entry cached = cache_.Find(name); cached != nullptr) {
    return cached;
  }
  const uint64_t ticket = cache_.TakeTicket(name);
  bool ended = false;
  OREWATCH_ASSIGN_OR_RETURN(EntryCache::Entry read, ReadNewest(kind, key, &ended));
  if (read != nullptr) {
    cache_.Offer(ticket, name, read);
  } else if (absent_.size() < kMaxAbsentKept) {
    absent_.emplace(name, ended);
  }
  return read;
}

absl::StatusOr<std::optional<StoredEntry>> SqliteWriteTransaction::Find(Kind kind, const std::string& key) {
  OREWATCH_ASSIGN_OR_RETURN(const EntryCache::Entry newest, Newest(kind, key));
  return newest == nullptr ? std::nullopt : std::make_optional(*newest);
}

absl::StatusOr<EntryCache::Entry> SqliteWriteTransaction::FindUntouched(Kind kind, const std::string& key) {
  OREWATCH_ASSIGN_OR_RETURN(EntryCache::Entry last, Newest(kind, key));
  if (last != nullptr && last->from_revision == revision_) {
    return MakeError(absl::StatusCode::kInvalidArgument, "REPEATED_ENTRY",
                     absl::StrCat(key, " is written twice in one change set"));
  }
  return last;
}

absl::Status SqliteWriteTransaction::Put(Kind kind, const std::string& key, const v1::Entry& entry) {
  OREWATCH_ASSIGN_OR_RETURN(const EntryCache::Entry last, FindUntouched(kind, key));
  StoredEntry version{kind, key, revision_, commit_time_, commit_time_, std::nullopt, {}};
  auto operation = v1::Change::OPERATION_CREATE;
  if (last != nullptr) {
    operation = last->delete_time.has_value() ? v1::Change::OPERATION_UNDELETE : v1::Change::OPERATION_UPDATE;
    version.create_time = last->create_time;
    OREWATCH_RETURN_IF_ERROR(EndVersion(kind, *last));
    OREWATCH_RETURN_IF_ERROR(RemoveReferences(kind, key));
  }
  const std::string payload = CanonicalBytes(entry);
  OREWATCH_RETURN_IF_ERROR(AddVersion(version, payload));
  OREWATCH_RETURN_IF_ERROR(AddReferences(kind, key, entry));
  WrittenEntry written{kind, key, revision_, last != nullptr ? last->from_revision : 0, nullptr, std::nullopt, ""};
  if (SearchText text = SearchTextOf(entry); text.length > 0) {
    written.text = std::move(text);
    written.readers = ReadersText(entry);
  }
  if (written_.entries().size() < kMaxKeptOfAWrite) {
    version.entry = entry;
    written.entry = std::make_shared<const StoredEntry>(std::move(version));
  }
  written_.Add(std::move(written));
  return RecordChange(kind, key, operation, payload);
}

absl::Status SqliteWriteTransaction::MarkDeleted(Kind kind, const std::string& key) {
  OREWATCH_ASSIGN_OR_RETURN(const EntryCache::Entry live, FindUntouched(kind, key));
  if (live == nullptr || live->delete_time.has_value()) {
    return NoSuchEntry(key);
  }
  OREWATCH_RETURN_IF_ERROR(EndVersion(kind, *live));
  OREWATCH_RETURN_IF_ERROR(AddVersion({kind, key, revision_, live->create_time, commit_time_, commit_time_, {}},
                                      CanonicalBytes(live->entry)));
  OREWATCH_RETURN_IF_ERROR(RemoveReferences(kind, key));
  written_.Add({kind, key, revision_, live->from_revision, nullptr, std::nullopt, ""});
  return RecordChange(kind, key, v1::Change::OPERATION_DELETE, "");
}

absl::Status SqliteWriteTransaction::Delete(Kind kind, const std::string& key) {
  OREWATCH_ASSIGN_OR_RETURN(const EntryCache::Entry last, FindUntouched(kind, key));
  if (last == nullptr) {
    return NoSuchEntry(key);
  }
  OREWATCH_RETURN_IF_ERROR(EndVersion(kind, *last));
  OREWATCH_RETURN_IF_ERROR(RemoveReferences(kind, key));
  written_.Add({kind, key, revision_, last->from_revision, nullptr, std::nullopt, ""});
  return RecordChange(kind, key,
                      last->delete_time.has_value() ? v1::Change::OPERATION_PURGE : v1::Change::OPERATION_DELETE, "");
}

absl::StatusOr<bool> SqliteWriteTransaction::Existed(Kind kind, const std::string& key) {
  const std::string name = EntryCache::NameOf(kind, key);
  const auto absent = absent_.find(name);
  if (written_.Find(name) != nullptr || (absent != absent_.end() && absent->second)) {
    return true;
  }
  // What was looked for in vain can only have been moved out of the way.
  auto row = absent != absent_.end()
                 ? db_.Prepare("SELECT EXISTS(SELECT 1 FROM audit_entries WHERE kind = ?1 AND key = ?2)")
                 : db_.Prepare(
                       "SELECT EXISTS(SELECT 1 FROM entries WHERE kind = ?1 AND key = ?2) "
                       "OR EXISTS(SELECT 1 FROM audit_entries WHERE kind = ?1 AND key = ?2)");
  row.Bind(static_cast<int64_t>(kind)).Bind(key);
  OREWATCH_RETURN_IF_ERROR(row.Step().status());
  return row.Int(0) != 0;
}

absl::Status SqliteWriteTransaction::AddVersion(const StoredEntry& version, absl::string_view payload) {
  auto insert = db_.Prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  insert.Bind(static_cast<int64_t>(version.kind))
      .Bind(version.key)
      .Bind(version.from_revision)
      .Bind(kLive)
      .Bind(absl::ToUnixMicros(version.create_time))
      .Bind(absl::ToUnixMicros(version.update_time));
  version.delete_time.has_value() ? insert.Bind(absl::ToUnixMicros(*version.delete_time)) : insert.BindNull();
  return insert.BindBlob(payload).Run();
}

absl::Status SqliteWriteTransaction::EndVersion(Kind kind, const StoredEntry& live) {
  return db_.Prepare("UPDATE entries SET to_revision = ? WHERE kind = ? AND key = ? AND from_revision = ?")
      .Bind(revision_)
      .Bind(static_cast<int64_t>(kind))
      .Bind(live.key)
      .Bind(live.from_revision)
      .Run();
}

absl::Status SqliteWriteTransaction::RemoveReferences(Kind kind, const std::string& key) {
  return db_.Prepare("DELETE FROM refs WHERE source_kind = ? AND source_key = ?")
      .Bind(static_cast<int64_t>(kind))
      .Bind(key)
      .Run();
}

absl::Status SqliteWriteTransaction::AddReferences(Kind kind, const std::string& key, const v1::Entry& entry) {
  for (const Reference& reference : ReferencesOf(entry)) {
    OREWATCH_RETURN_IF_ERROR(db_.Prepare("INSERT OR IGNORE INTO refs VALUES (?, ?, ?)")
                                 .Bind(reference.target)
                                 .Bind(static_cast<int64_t>(kind))
                                 .Bind(key)
                                 .Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteWriteTransaction::RecordChange(Kind kind, const std::string& key, v1::Change::Operation operation,
                                                  absl::string_view after) {
  digest_.AddChange(kind, key, operation, after);
  return db_.Prepare("INSERT INTO changes VALUES (?, ?, ?, ?, ?)")
      .Bind(revision_)
      .Bind(changes_++)
      .Bind(static_cast<int64_t>(kind))
      .Bind(key)
      .Bind(static_cast<int64_t>(operation))
      .Run();
}

absl::StatusOr<std::string> SqliteWriteTransaction::RecordChangeSet(const Author& author) {
  const int64_t time = absl::ToUnixMicros(commit_time_);
  std::string digest = digest_.Finish(revision_, time, author.principal, author.request_id);
  OREWATCH_RETURN_IF_ERROR(db_.Prepare("INSERT INTO change_sets VALUES (?, ?, ?, ?, ?)")
                               .Bind(revision_)
                               .Bind(time)
                               .Bind(author.principal)
                               .Bind(author.request_id)
                               .BindBlob(digest)
                               .Run());
  return digest;
}

absl::Status SqliteWriteTransaction::NoteFollower(const std::string& follower, int64_t revision) {
  return db_.Prepare("INSERT OR REPLACE INTO followers VALUES (?, ?, ?)")
      .Bind(follower)
      .Bind(revision)
      .Bind(absl::ToUnixMicros(commit_time_))
      .Run();
}

absl::Status SqliteWriteTransaction::Compact(int64_t revision) {
  // A version ends with a change, so the changes since the last time lead to all that have ended.
  for (const char* move :
       {"INSERT INTO audit_entries SELECT e.* FROM changes c JOIN entries e ON e.kind = c.kind AND e.key = c.key "
        "AND e.to_revision = c.revision WHERE c.revision > (SELECT earliest FROM history) AND c.revision <= ?",
        "DELETE FROM entries WHERE (kind, key, from_revision) IN "
        "(SELECT e.kind, e.key, e.from_revision FROM changes c JOIN entries e ON e.kind = c.kind AND e.key = c.key "
        "AND e.to_revision = c.revision WHERE c.revision > (SELECT earliest FROM history) AND c.revision <= ?)",
        "UPDATE history SET earliest = max(earliest, ?)"}) {
    OREWATCH_RETURN_IF_ERROR(db_.Prepare(move).Bind(revision).Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteWriteTransaction::DropSearched(int64_t revision, int max_changes) {
  return DropSearchRows(db_, revision, max_changes);
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
