#include "services/registry/engine/change_set_writer.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/validation.h"
#include "services/registry/domain/visibility.h"
#include "services/registry/engine/metadata.h"
#include "services/registry/engine/sight.h"

namespace orewatch::registry {
namespace {

using google::protobuf::util::MessageDifferencer;
using Operation = Mutation::Operation;

constexpr size_t kReferrersNamed = 20;
constexpr int kReferrersRead = 1000;
constexpr size_t kMaxContained = 10'000;
constexpr size_t kMaxKnown = 10'000;

absl::Status AlreadyExists(const std::string& key) {
  return MakeError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS", absl::StrCat(key, " exists"), {{"name", key}});
}

// The same for what was deleted, has expired, or is not the caller's to see.
absl::Status AlreadyExisted(const std::string& key) {
  return MakeError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTED",
                   absl::StrCat(key, " has been used, and names are not used again"), {{"name", key}});
}

absl::Status IsDeleted(const std::string& key) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "DELETED",
                   absl::StrCat(key, " is deleted; undelete it first"), {{"name", key}});
}

absl::Status EtagMismatch(const std::string& key) {
  return MakeError(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                   absl::StrCat(key, " has changed since it was read; read it again"), {{"name", key}});
}

absl::Status WithIndex(const absl::Status& status, size_t index, size_t count) {
  if (count == 1 || ErrorReason(status).empty() || !ViolationsOf(status).empty()) {
    return status;
  }
  return WithContext(status, absl::StrCat("mutations[", index, "]: "), {{"mutation", absl::StrCat(index)}});
}

bool SameVisibility(const v1::Entry& one, const v1::Entry& other) {
  return MessageDifferencer::Equals(*VisibilityOf(one), *VisibilityOf(other));
}

bool SetsWhatIsInherited(const v1::Entry& before, const v1::Entry& merged) {
  const type::v1::Visibility* visibility = VisibilityOf(merged);
  return visibility != nullptr && visibility->inherited() && !SameVisibility(before, merged);
}

// Contained after containers, deletions last.
int Rank(const Mutation& mutation) {
  if (mutation.operation == Operation::kDelete) {
    return 2;
  }
  return InfoOf(mutation.kind).parent.has_value() ? 1 : 0;
}

}  // namespace

absl::Status ChangeSetWriter::ApplyAll(const std::vector<Mutation>& mutations) {
  std::set<std::string> names;
  for (const Mutation& mutation : mutations) {
    if (mutation.operation != Operation::kDelete) {
      names.insert(mutation.key);
    }
  }
  AnnounceNames(std::move(names));
  std::vector<size_t> order(mutations.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return Rank(mutations[a]) < Rank(mutations[b]); });
  results_.assign(mutations.size(), {});
  for (const size_t i : order) {
    const Mutation& mutation = mutations[i];
    auto result = mutation.operation == Operation::kDelete ? Delete(mutation) : Put(mutation);
    if (!result.ok()) {
      return WithIndex(result.status(), i, mutations.size());
    }
    results_[i] = *std::move(result);
  }
  OREWATCH_RETURN_IF_ERROR(Finish());
  // Only now, so that a set may delete what refers together with what is referred to.
  for (size_t i = 0; i < mutations.size(); ++i) {
    const bool deleted = results_[i].delete_time.has_value() && results_[i].from_revision == transaction_.revision();
    if (!deleted) {
      continue;
    }
    if (const absl::Status status = CheckUnreferenced(mutations[i].key); !status.ok()) {
      return WithIndex(status, i, mutations.size());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<StoredEntry> ChangeSetWriter::Put(const Mutation& mutation) {
  switch (mutation.operation) {
    case Operation::kCreate:
      return Create(mutation);
    case Operation::kUpdate:
      return Update(mutation);
    case Operation::kUndelete:
      return Undelete(mutation);
    case Operation::kDelete:
      break;
  }
  return Delete(mutation);
}

absl::StatusOr<StoredEntry> ChangeSetWriter::Create(const Mutation& mutation) {
  OREWATCH_ASSIGN_OR_RETURN(const auto found, FindReadable(mutation.kind, mutation.key));
  if (found.has_value()) {
    return found->delete_time.has_value() ? AlreadyExisted(mutation.key) : AlreadyExists(mutation.key);
  }
  if (IsResource(mutation.kind)) {
    OREWATCH_ASSIGN_OR_RETURN(const bool existed, transaction_.Existed(mutation.kind, mutation.key));
    if (existed) {
      return AlreadyExisted(mutation.key);
    }
  }
  return Write(mutation, nullptr, mutation.entry);
}

absl::StatusOr<StoredEntry> ChangeSetWriter::CreateMissing(const Mutation& mutation) {
  if (!mutation.etag.empty()) {
    return EtagMismatch(mutation.key);
  }
  if (!IsWhole(mutation.mask)) {
    // All is taken, and none of it has been looked at.
    FieldViolations violations;
    violations.AddAll(mutation.path, Validate(mutation.entry).ToStatus());
    OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  }
  return Create(mutation);
}

absl::StatusOr<StoredEntry> ChangeSetWriter::Update(const Mutation& mutation) {
  OREWATCH_ASSIGN_OR_RETURN(auto found, FindReadable(mutation.kind, mutation.key));
  if (!found.has_value()) {
    return mutation.allow_missing ? CreateMissing(mutation) : NoSuchEntry(mutation.key);
  }
  if (found->delete_time.has_value()) {
    return IsDeleted(mutation.key);
  }
  OREWATCH_RETURN_IF_ERROR(CheckMayChange(*found, mutation.etag));
  v1::Entry merged = found->entry;
  Merge(mutation.kind, mutation.entry, mutation.mask, merged);
  if (!IsWhole(mutation.mask)) {
    FieldViolations violations;
    violations.AddAll(mutation.path, Validate(merged).ToStatus());
    if (SetsWhatIsInherited(found->entry, merged)) {
      violations.Add(absl::StrCat(mutation.path, "visibility"), "is that of its supplier while it has no owner");
    }
    OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  }
  return Write(mutation, &*found, std::move(merged));
}

absl::StatusOr<StoredEntry> ChangeSetWriter::Undelete(const Mutation& mutation) {
  OREWATCH_ASSIGN_OR_RETURN(auto found, FindReadable(mutation.kind, mutation.key));
  if (!found.has_value()) {
    return NoSuchEntry(mutation.key);
  }
  if (!found->delete_time.has_value()) {
    return AlreadyExists(mutation.key);
  }
  v1::Entry entry = found->entry;
  OREWATCH_RETURN_IF_ERROR(Inherit(entry));
  OREWATCH_RETURN_IF_ERROR(CheckReferences(entry, nullptr));
  OREWATCH_RETURN_IF_ERROR(CheckMayAdd(mutation, entry));
  StoredEntry as_it_will_be = *found;
  as_it_will_be.entry = entry;
  OREWATCH_RETURN_IF_ERROR(CheckMayChange(as_it_will_be, mutation.etag));
  return Store(mutation.kind, mutation.key, &*found, std::move(entry));
}

absl::StatusOr<StoredEntry> ChangeSetWriter::Delete(const Mutation& mutation) {
  OREWATCH_ASSIGN_OR_RETURN(auto found, FindReadable(mutation.kind, mutation.key));
  if (!found.has_value() || found->delete_time.has_value()) {
    return mutation.allow_missing ? absl::StatusOr<StoredEntry>(found.value_or(StoredEntry()))
                                  : NoSuchEntry(mutation.key);
  }
  OREWATCH_RETURN_IF_ERROR(CheckMayChange(*found, mutation.etag));
  known_.erase(mutation.key);
  changed_ = true;
  if (IsStatistic(mutation.kind)) {
    OREWATCH_RETURN_IF_ERROR(transaction_.Delete(mutation.kind, mutation.key));
    return *std::move(found);
  }
  OREWATCH_RETURN_IF_ERROR(transaction_.MarkDeleted(mutation.kind, mutation.key));
  found->from_revision = transaction_.revision();
  found->update_time = transaction_.commit_time();
  found->delete_time = transaction_.commit_time();
  return *std::move(found);
}

absl::StatusOr<std::optional<StoredEntry>> ChangeSetWriter::FindReadable(Kind kind, const std::string& key) {
  OREWATCH_ASSIGN_OR_RETURN(auto found, transaction_.Find(kind, key));
  return found.has_value() ? Seen(*std::move(found)) : found;
}

absl::StatusOr<std::optional<StoredEntry>> ChangeSetWriter::Seen(StoredEntry stored) {
  return SeenBy(principal_, std::move(stored),
                [this](const EntryKey& entry) { return transaction_.Find(entry.kind, entry.key); });
}

absl::Status ChangeSetWriter::CheckMayChange(const StoredEntry& stored, const std::string& etag) const {
  if (!MayWrite(principal_, stored.entry)) {
    return MakeError(absl::StatusCode::kPermissionDenied, "NOT_OWNER",
                     absl::StrCat("only its owner may change ", stored.key), {{"name", stored.key}});
  }
  if (etag.empty() || etag == EtagOf(lineage_, stored.from_revision)) {
    return absl::OkStatus();
  }
  return EtagMismatch(stored.key);
}

absl::Status ChangeSetWriter::CheckOwner(const Mutation& mutation, const StoredEntry* before,
                                         const v1::Entry& entry) const {
  const type::v1::Visibility* visibility = VisibilityOf(entry);
  if (visibility == nullptr || visibility->owner().empty() || visibility->owner() == principal_) {
    return absl::OkStatus();
  }
  // Its owner may hand it over.
  if (before != nullptr && VisibilityOf(before->entry)->owner() == principal_) {
    return absl::OkStatus();
  }
  return InvalidField(absl::StrCat(mutation.path, "visibility.owner"), "must be the caller, or empty for public");
}

absl::StatusOr<ChangeSetWriter::Known> ChangeSetWriter::Know(Kind kind, const std::string& name) {
  if (const auto known = known_.find(name); known != known_.end()) {
    return known->second;
  }
  OREWATCH_ASSIGN_OR_RETURN(auto found, transaction_.Find(kind, name));
  Known known;
  if (found.has_value()) {
    known.deleted = found->delete_time.has_value();
    if (const type::v1::Visibility* visibility = VisibilityOf(found->entry); visibility != nullptr) {
      known.visibility = *visibility;
    }
    OREWATCH_ASSIGN_OR_RETURN(const auto seen, Seen(*std::move(found)));
    known.found = seen.has_value();
  }
  if (known_.size() >= kMaxKnown) {
    known_.clear();
  }
  known_.emplace(name, known);
  return known;
}

absl::StatusOr<bool> ChangeSetWriter::Resolves(const std::string& target) {
  const auto name = ParseResourceName(target);
  if (!name.ok()) {
    return false;
  }
  OREWATCH_ASSIGN_OR_RETURN(const Known known, Know(name->kind, target));
  return known.found && !known.deleted;
}

absl::Status ChangeSetWriter::CheckReferences(const v1::Entry& entry, const v1::Entry* before) {
  // What was referred to before resolves still, and the caller need not see it.
  std::set<std::string> known;
  if (before != nullptr) {
    for (Reference& reference : ReferencesOf(*before)) {
      known.insert(std::move(reference.target));
    }
  }
  const type::v1::Visibility* own = VisibilityOf(entry);
  const bool seen_by_others = before != nullptr && own != nullptr && !SameVisibility(*before, entry);
  const Kind kind = *KindOf(entry);
  const std::string own_name = IsResource(kind) ? NameIn(MessageIn(kind, entry)) : "";
  for (const Reference& reference : ReferencesOf(entry)) {
    // What contains it has been written before it, if it is in the set.
    const bool announced =
        reference.field != "name" && (reference.target == own_name || announced_.count(reference.target) > 0);
    if (announced) {
      unseen_audiences_.emplace_back(own == nullptr ? type::v1::Visibility() : *own, reference);
      continue;
    }
    if (known.count(reference.target) > 0) {
      if (seen_by_others) {
        OREWATCH_RETURN_IF_ERROR(CheckAudience(own, reference));
      }
      continue;
    }
    OREWATCH_ASSIGN_OR_RETURN(const bool resolves, Resolves(reference.target));
    if (!resolves) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND",
                       absl::StrCat(reference.field, ": ", reference.target, " does not exist"),
                       {{"field", reference.field}, {"target", reference.target}});
    }
    OREWATCH_RETURN_IF_ERROR(CheckAudience(own, reference));
  }
  return absl::OkStatus();
}

absl::Status ChangeSetWriter::CheckAudience(const type::v1::Visibility* visibility, const Reference& reference) {
  const auto name = ParseResourceName(reference.target);
  if (reference.field == "name" || !name.ok()) {
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(const Known target, Know(name->kind, reference.target));
  return ReadersMayRead(visibility, target.visibility)
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kFailedPrecondition, "REFERENCE_MORE_PRIVATE",
                         absl::StrCat(reference.field, ": not everybody who may read this may read ", reference.target,
                                      "; give it an owner, and no readers but those of the other"),
                         {{"field", reference.field}, {"target", reference.target}});
}

absl::Status ChangeSetWriter::Inherit(v1::Entry& entry) {
  const type::v1::Visibility* own = VisibilityOf(entry);
  if (own == nullptr) {
    return absl::OkStatus();
  }
  type::v1::Visibility visibility = *own;
  const Kind kind = *KindOf(entry);
  if (own->inherited() || own->owner().empty()) {
    visibility.set_inherited(false);
    if (InfoOf(kind).parent.has_value()) {
      const auto name = ParseResourceName(NameIn(MessageIn(kind, entry)));
      OREWATCH_ASSIGN_OR_RETURN(const Known parent, Know(*InfoOf(kind).parent, name->ParentName()));
      visibility = parent.visibility;
      visibility.set_inherited(!visibility.owner().empty());
    }
  }
  SetVisibility(visibility, entry);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<EntryKey>> ChangeSetWriter::ContainedIn(const std::string& supplier) {
  OREWATCH_ASSIGN_OR_RETURN(const auto referrers, transaction_.Referrers(supplier, std::numeric_limits<int>::max()));
  std::vector<EntryKey> contained;
  for (const std::string& referrer : referrers) {
    if (const auto name = ParseResourceName(referrer); name.ok() && name->ParentName() == supplier) {
      contained.push_back({name->kind, referrer});
    }
  }
  return contained;
}

absl::Status ChangeSetWriter::CheckMayPassOn(const std::string& supplier) {
  OREWATCH_ASSIGN_OR_RETURN(const auto contained, ContainedIn(supplier));
  return contained.size() <= kMaxContained
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kFailedPrecondition, "TOO_MANY_FACILITIES",
                         absl::StrCat(supplier, " has more than ", kMaxContained, " facilities"), {{"name", supplier}});
}

absl::Status ChangeSetWriter::Finish() {
  OREWATCH_RETURN_IF_ERROR(PassOnVisibility());
  for (const auto& [visibility, reference] : std::exchange(unseen_audiences_, {})) {
    OREWATCH_RETURN_IF_ERROR(CheckAudience(&visibility, reference));
  }
  return absl::OkStatus();
}

absl::Status ChangeSetWriter::PassOnVisibility() {
  for (const std::string& supplier : std::exchange(passing_on_, {})) {
    OREWATCH_RETURN_IF_ERROR(PassOnVisibilityOf(supplier));
  }
  return absl::OkStatus();
}

absl::Status ChangeSetWriter::PassOnVisibilityOf(const std::string& supplier) {
  OREWATCH_ASSIGN_OR_RETURN(const auto contained, ContainedIn(supplier));
  for (const EntryKey& key : contained) {
    OREWATCH_ASSIGN_OR_RETURN(const auto found, transaction_.Find(key.kind, key.key));
    // What this set has written has taken the new visibility.
    if (found->from_revision == transaction_.revision()) {
      continue;
    }
    v1::Entry entry = found->entry;
    OREWATCH_RETURN_IF_ERROR(Inherit(entry));
    OREWATCH_RETURN_IF_ERROR(CheckReferences(entry, &found->entry));
    OREWATCH_RETURN_IF_ERROR(Store(key.kind, key.key, &*found, std::move(entry)).status());
  }
  return absl::OkStatus();
}

absl::Status ChangeSetWriter::CheckUnreferenced(const std::string& name) {
  OREWATCH_ASSIGN_OR_RETURN(auto referrers, transaction_.Referrers(name, kReferrersRead));
  // What refers to itself goes with itself.
  referrers.erase(std::remove(referrers.begin(), referrers.end(), name), referrers.end());
  if (referrers.empty()) {
    return absl::OkStatus();
  }
  std::vector<std::string> named;
  for (const std::string& referrer : referrers) {
    const auto parsed = ParseResourceName(referrer);
    // A statistic is public.
    bool readable = !parsed.ok();
    if (parsed.ok()) {
      OREWATCH_ASSIGN_OR_RETURN(const auto found, FindReadable(parsed->kind, referrer));
      readable = found.has_value();
    }
    if (readable && named.size() < kReferrersNamed) {
      named.push_back(referrer);
    }
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, "STILL_REFERENCED",
                   named.empty() ? absl::StrCat(name, " is still referred to")
                                 : absl::StrCat(name, " is referred to by ", named.front()),
                   {{"name", name}, {"referrers", absl::StrJoin(named, ",")}});
}

absl::Status ChangeSetWriter::CheckMayAdd(const Mutation& mutation, const v1::Entry& entry) {
  const auto parent = InfoOf(mutation.kind).parent;
  if (!parent.has_value()) {
    return absl::OkStatus();
  }
  const auto name = ParseResourceName(NameIn(MessageIn(mutation.kind, entry)));
  OREWATCH_ASSIGN_OR_RETURN(const Known container, Know(*parent, name->ParentName()));
  const std::string& owner = container.visibility.owner();
  return owner.empty() || owner == principal_
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kPermissionDenied, "NOT_OWNER",
                         absl::StrCat("only the owner of its supplier may create ", mutation.key),
                         {{"name", mutation.key}});
}

absl::StatusOr<StoredEntry> ChangeSetWriter::Write(const Mutation& mutation, const StoredEntry* before,
                                                   v1::Entry entry) {
  OREWATCH_RETURN_IF_ERROR(Inherit(entry));
  if (VisibilityOf(entry) == nullptr || !VisibilityOf(entry)->inherited()) {
    OREWATCH_RETURN_IF_ERROR(CheckOwner(mutation, before, entry));
  }
  OREWATCH_RETURN_IF_ERROR(CheckReferences(entry, before == nullptr ? nullptr : &before->entry));
  if (before == nullptr) {
    OREWATCH_RETURN_IF_ERROR(CheckMayAdd(mutation, entry));
  }
  return Store(mutation.kind, mutation.key, before, std::move(entry));
}

absl::StatusOr<StoredEntry> ChangeSetWriter::Store(Kind kind, const std::string& key, const StoredEntry* before,
                                                   v1::Entry entry) {
  const bool was_there = before != nullptr && !before->delete_time.has_value();
  if (was_there && MessageDifferencer::Equals(before->entry, entry)) {
    return *before;
  }
  if (kind == Kind::kSupplier && before != nullptr && !SameVisibility(before->entry, entry)) {
    // Before anything is written, for an import goes on after a row that fails.
    OREWATCH_RETURN_IF_ERROR(CheckMayPassOn(key));
    passing_on_.push_back(key);
  }
  OREWATCH_RETURN_IF_ERROR(transaction_.Put(kind, key, entry));
  known_.erase(key);
  changed_ = true;
  return StoredEntry{kind,
                     key,
                     transaction_.revision(),
                     before == nullptr ? transaction_.commit_time() : before->create_time,
                     transaction_.commit_time(),
                     std::nullopt,
                     std::move(entry)};
}

void AddTouched(Kind kind, const std::string& key, const v1::Entry& entry, std::vector<EntryKey>& touched) {
  touched.push_back({kind, key});
  if (InfoOf(kind).parent.has_value()) {
    if (const auto name = ParseResourceName(key); name.ok()) {
      touched.push_back({*InfoOf(kind).parent, name->ParentName()});
    }
  }
  if (!KindOf(entry).has_value()) {
    return;
  }
  for (Reference& reference : ReferencesOf(entry)) {
    if (const auto name = ParseResourceName(reference.target); name.ok()) {
      touched.push_back({name->kind, std::move(reference.target)});
    }
  }
}

std::vector<EntryKey> TouchedBy(const std::vector<Mutation>& mutations) {
  std::vector<EntryKey> touched;
  for (const Mutation& mutation : mutations) {
    AddTouched(mutation.kind, mutation.key, mutation.entry, touched);
  }
  return touched;
}

}  // namespace orewatch::registry
