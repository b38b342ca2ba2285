#include "services/registry/store/postgres/write_transaction.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/domain/references.h"

namespace orewatch::registry {
namespace {

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

absl::Status PostgresWriteTransaction::Put(Kind kind, const std::string& key, const v1::Entry& entry) {
  OREWATCH_RETURN_IF_ERROR(CheckStorable(key));
  const std::set<std::string> targets = TargetsOf(entry);
  for (const std::string& target : targets) {
    OREWATCH_RETURN_IF_ERROR(CheckStorable(target));
  }
  const EntryKey entry_key{kind, key};
  OREWATCH_ASSIGN_OR_RETURN(const VersionPtr live, Live(entry_key));
  PendingChanges::Touched& touched =
      changes_.entries.try_emplace(entry_key, PendingChanges::Touched{live}).first->second;
  if (touched.begun) {
    return MakeError(absl::StatusCode::kInvalidArgument, "REPEATED_ENTRY",
                     absl::StrCat(key, " is written twice in one change set"));
  }
  OREWATCH_RETURN_IF_ERROR(End(live));
  touched = {NewVersion(entry_key, live.get(), entry), /*begun=*/true};
  changes_.begun.push_back(touched.live);
  const ReferenceState state = live == nullptr ? ReferenceState::kNew : ReferenceState::kPresent;
  for (const std::string& target : targets) {
    changes_.SetReference({target, entry_key}, state);
  }
  RecordChange(entry_key, live != nullptr ? v1::Change::OPERATION_UPDATE : v1::Change::OPERATION_CREATE);
  return absl::OkStatus();
}

VersionPtr PostgresWriteTransaction::NewVersion(const EntryKey& key, const Version* live,
                                                const v1::Entry& entry) const {
  auto version = std::make_shared<Version>();
  version->kind = key.kind;
  version->key = key.key;
  version->from_revision = revision_;
  version->create_time = live != nullptr ? live->create_time : commit_time_;
  version->update_time = commit_time_;
  version->payload = entry.SerializeAsString();
  return version;
}

absl::Status PostgresWriteTransaction::Delete(Kind kind, const std::string& key) {
  const EntryKey entry_key{kind, key};
  OREWATCH_ASSIGN_OR_RETURN(const VersionPtr live, Live(entry_key));
  if (live == nullptr) {
    return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat(key, " does not exist"), {{"name", key}});
  }
  OREWATCH_RETURN_IF_ERROR(End(live));
  changes_.entries[entry_key].live = nullptr;
  RecordChange(entry_key, v1::Change::OPERATION_DELETE);
  return absl::OkStatus();
}

absl::Status PostgresWriteTransaction::End(const VersionPtr& live) {
  if (live == nullptr) {
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(const StoredEntry stored, StoredEntryOf(*live));
  for (const std::string& target : TargetsOf(stored.entry)) {
    changes_.SetReference({target, {live->kind, live->key}}, ReferenceState::kGone);
  }
  changes_.ended.emplace_back(live, revision_);
  return absl::OkStatus();
}

void PostgresWriteTransaction::RecordChange(const EntryKey& key, v1::Change::Operation operation) {
  changes_.changes.push_back({revision_, static_cast<int64_t>(changes_.changes.size()), key, operation});
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
    changes_.change_sets.push_back({revision_, commit_time_, author, transaction});
  }
  return std::move(changes_);
}

}  // namespace orewatch::registry
