#include "services/registry/store/postgres/write_transaction.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/domain/references.h"

namespace orewatch::registry {
namespace {

absl::Status NoSuchEntry(const std::string& key) {
  return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat(key, " does not exist"), {{"name", key}});
}

std::set<std::string> TargetsOf(const v1::Entry& entry) {
  std::set<std::string> targets;
  for (const Reference& reference : ReferencesOf(entry)) {
    targets.insert(reference.target);
  }
  return targets;
}

}  // namespace

absl::StatusOr<VersionPtr> PostgresWriteTransaction::Live(const EntryKey& key) {
  if (const auto touched = changes_.entries.find(key); touched != changes_.entries.end()) {
    return touched->second.live;
  }
  return group_.Live(key);
}

absl::StatusOr<std::optional<StoredEntry>> PostgresWriteTransaction::Find(Kind kind, const std::string& key) {
  OREWATCH_ASSIGN_OR_RETURN(const VersionPtr live, Live({kind, key}));
  if (live == nullptr) {
    return std::optional<StoredEntry>();
  }
  OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, StoredEntryOf(*live));
  return std::make_optional(std::move(stored));
}

absl::StatusOr<VersionPtr> PostgresWriteTransaction::LiveBefore(const EntryKey& key) {
  const auto touched = changes_.entries.find(key);
  if (touched != changes_.entries.end() && touched->second.begun) {
    return MakeError(absl::StatusCode::kInvalidArgument, "REPEATED_ENTRY",
                     absl::StrCat(key.key, " is written twice in one change set"));
  }
  return Live(key);
}

absl::Status PostgresWriteTransaction::Put(Kind kind, const std::string& key, const v1::Entry& entry) {
  OREWATCH_RETURN_IF_ERROR(CheckStorable(key));
  const std::set<std::string> targets = TargetsOf(entry);
  for (const std::string& target : targets) {
    OREWATCH_RETURN_IF_ERROR(CheckStorable(target));
  }
  const EntryKey entry_key{kind, key};
  OREWATCH_ASSIGN_OR_RETURN(const VersionPtr last, LiveBefore(entry_key));
  OREWATCH_RETURN_IF_ERROR(End(last));
  Begin(entry_key, last.get(), CanonicalBytes(entry), /*deleted=*/false);
  const ReferenceState state = last == nullptr ? ReferenceState::kNew : ReferenceState::kPresent;
  for (const std::string& target : targets) {
    changes_.SetReference({target, entry_key}, state);
  }
  if (auto found_by = SearchRowOf(changes_.begun.back(), entry); found_by.has_value()) {
    changes_.search.push_back(*std::move(found_by));
  }
  auto operation = v1::Change::OPERATION_CREATE;
  if (last != nullptr) {
    operation = last->delete_time.has_value() ? v1::Change::OPERATION_UNDELETE : v1::Change::OPERATION_UPDATE;
  }
  RecordChange(entry_key, operation, changes_.begun.back()->payload);
  return absl::OkStatus();
}

absl::Status PostgresWriteTransaction::MarkDeleted(Kind kind, const std::string& key) {
  const EntryKey entry_key{kind, key};
  OREWATCH_ASSIGN_OR_RETURN(const VersionPtr last, LiveBefore(entry_key));
  if (last == nullptr || last->delete_time.has_value()) {
    return NoSuchEntry(key);
  }
  OREWATCH_RETURN_IF_ERROR(End(last));
  Begin(entry_key, last.get(), last->payload, /*deleted=*/true);
  RecordChange(entry_key, v1::Change::OPERATION_DELETE, "");
  return absl::OkStatus();
}

absl::Status PostgresWriteTransaction::Delete(Kind kind, const std::string& key) {
  const EntryKey entry_key{kind, key};
  OREWATCH_ASSIGN_OR_RETURN(const VersionPtr last, LiveBefore(entry_key));
  if (last == nullptr) {
    return NoSuchEntry(key);
  }
  OREWATCH_RETURN_IF_ERROR(End(last));
  changes_.entries[entry_key].live = nullptr;
  RecordChange(entry_key, last->delete_time.has_value() ? v1::Change::OPERATION_PURGE : v1::Change::OPERATION_DELETE,
               "");
  return absl::OkStatus();
}

absl::StatusOr<bool> PostgresWriteTransaction::Existed(Kind kind, const std::string& key) {
  const EntryKey entry_key{kind, key};
  return changes_.entries.count(entry_key) > 0 ? absl::StatusOr<bool>(true) : group_.Existed(entry_key);
}

void PostgresWriteTransaction::Begin(const EntryKey& key, const Version* last, std::string payload, bool deleted) {
  auto version = std::make_shared<Version>();
  version->kind = key.kind;
  version->key = key.key;
  version->from_revision = revision_;
  version->create_time = last != nullptr ? last->create_time : commit_time_;
  version->update_time = commit_time_;
  version->delete_time = deleted ? std::make_optional(commit_time_) : std::nullopt;
  version->payload = std::move(payload);
  changes_.entries.insert_or_assign(key, PendingChanges::Touched{version, /*begun=*/true});
  changes_.begun.push_back(std::move(version));
}

absl::Status PostgresWriteTransaction::End(const VersionPtr& last) {
  if (last == nullptr) {
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(const StoredEntry stored, StoredEntryOf(*last));
  for (const std::string& target : TargetsOf(stored.entry)) {
    changes_.SetReference({target, {last->kind, last->key}}, ReferenceState::kGone);
  }
  changes_.ended.emplace_back(last, revision_);
  return absl::OkStatus();
}

void PostgresWriteTransaction::RecordChange(const EntryKey& key, v1::Change::Operation operation,
                                            absl::string_view after) {
  digest_.AddChange(key.kind, key.key, operation, after);
  changes_.changes.push_back({revision_, static_cast<int64_t>(changes_.changes.size()), key, operation});
}

absl::Status PostgresWriteTransaction::NoteFollower(const std::string& follower, int64_t revision) {
  OREWATCH_RETURN_IF_ERROR(CheckStorable(follower));
  changes_.followers[follower] = {revision, commit_time_};
  return absl::OkStatus();
}

absl::Status PostgresWriteTransaction::Compact(int64_t revision) {
  changes_.compacted = revision;
  return absl::OkStatus();
}

absl::Status PostgresWriteTransaction::DropSearched(int64_t revision, int max_changes) {
  changes_.searches_dropped = {revision, max_changes};
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> PostgresWriteTransaction::Referrers(const std::string& target, int limit) {
  const auto changed = changes_.ReferencesTo(target);
  const auto wanted = static_cast<size_t>(limit);
  OREWATCH_ASSIGN_OR_RETURN(std::set<EntryKey> sources, group_.Referrers(target, wanted + changed.size()));
  ApplyReferences(changed, sources);
  std::vector<std::string> referrers;
  for (auto source = sources.begin(); source != sources.end() && referrers.size() < wanted; ++source) {
    referrers.push_back(source->key);
  }
  return referrers;
}

absl::StatusOr<std::optional<WriteTransaction::PastRequest>> PostgresWriteTransaction::FindRequest(
    const Author& author) {
  if (const auto kept = changes_.requests.find({author.principal, author.request_id});
      kept != changes_.requests.end()) {
    return std::make_optional(kept->second.request);
  }
  return group_.Request(author);
}

absl::Status PostgresWriteTransaction::KeepRequest(const Author& author, const PastRequest& request) {
  OREWATCH_RETURN_IF_ERROR(CheckStorable(author.principal));
  OREWATCH_RETURN_IF_ERROR(CheckStorable(author.request_id));
  OREWATCH_ASSIGN_OR_RETURN(const auto past, FindRequest(author));
  if (past.has_value()) {
    return MakeError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS", "this request has been answered before");
  }
  changes_.requests[{author.principal, author.request_id}] = {commit_time_, request};
  return absl::OkStatus();
}

PendingChanges PostgresWriteTransaction::Finish(const Author& author, int64_t transaction) {
  if (changed()) {
    std::string digest =
        digest_.Finish(revision_, absl::ToUnixMicros(commit_time_), author.principal, author.request_id);
    changes_.change_sets.push_back({revision_, commit_time_, author, std::move(digest), transaction});
  }
  return std::move(changes_);
}

}  // namespace orewatch::registry
