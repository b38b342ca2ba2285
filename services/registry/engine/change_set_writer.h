// The registry's rules for writes, applied within one write of the store.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/registry/domain/references.h"
#include "services/registry/engine/mutation.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Thread-compatible; lives no longer than the transaction. Each error is one of
// NOT_FOUND, ALREADY_EXISTS (ALREADY_EXISTS, or ALREADY_EXISTED for a name that was used before),
// PERMISSION_DENIED (NOT_OWNER), ABORTED (ETAG_MISMATCH), INVALID_ARGUMENT,
// FAILED_PRECONDITION (REFERENCE_NOT_FOUND, REFERENCE_MORE_PRIVATE, STILL_REFERENCED, DELETED), or the store's own.
class ChangeSetWriter {
 public:
  // `lineage` is the part of etags that the revision does not tell.
  ChangeSetWriter(WriteTransaction& transaction, std::string principal, std::string lineage)
      : transaction_(transaction), principal_(std::move(principal)), lineage_(std::move(lineage)) {}

  // Names that count as existing: what later mutations of the set write.
  void AnnounceNames(std::set<std::string> names) { announced_ = std::move(names); }

  // Applies all, what contains before what is contained, deletions last. The mutations have been checked. An error
  // leaves the write to be rolled back, and names the mutation in its metadata if there are several.
  absl::Status ApplyAll(const std::vector<Mutation>& mutations);
  // Applies a creation, update or undeletion, or nothing if it fails other than by the store. After the last of them
  // Finish must follow.
  absl::StatusOr<StoredEntry> Put(const Mutation& mutation);
  // Hands the new visibility of suppliers down to what was not written after them, and looks at what could not be
  // looked at before all was written.
  absl::Status Finish();

  // What ApplyAll left, one for each mutation; an entry without a kind where there was nothing to delete.
  const std::vector<StoredEntry>& results() const { return results_; }
  bool changed() const { return changed_; }

 private:
  absl::StatusOr<StoredEntry> Create(const Mutation& mutation);
  absl::StatusOr<StoredEntry> CreateMissing(const Mutation& mutation);
  absl::StatusOr<StoredEntry> Update(const Mutation& mutation);
  absl::StatusOr<StoredEntry> Undelete(const Mutation& mutation);
  absl::StatusOr<StoredEntry> Delete(const Mutation& mutation);
  // Nothing if there is none, or none that the caller may see.
  absl::StatusOr<std::optional<StoredEntry>> FindReadable(Kind kind, const std::string& key);
  absl::StatusOr<std::optional<StoredEntry>> Seen(StoredEntry stored);
  absl::Status CheckMayChange(const StoredEntry& stored, const std::string& etag) const;
  absl::Status CheckOwner(const Mutation& mutation, const StoredEntry* before, const v1::Entry& entry) const;
  absl::Status CheckReferences(const v1::Entry& entry, const v1::Entry* before);
  // Who reads the name of a thing has to be one who may read the thing.
  absl::Status CheckAudience(const type::v1::Visibility* visibility, const Reference& reference);
  // What references and containers are asked about.
  struct Known {
    // There is one that the caller may see, perhaps deleted.
    bool found = false;
    bool deleted = false;
    // Also of one that he may not see any more, since he has handed it over.
    type::v1::Visibility visibility;
  };
  // Remembered until it is written: rows of one import mostly name the same few.
  absl::StatusOr<Known> Know(Kind kind, const std::string& name);
  absl::StatusOr<bool> Resolves(const std::string& target);
  // Takes the container's visibility where the entry has none of its own. In other kinds readers without an owner stay
  // as they are: they say nothing.
  absl::Status Inherit(v1::Entry& entry);
  // Only who may change the container adds to it.
  absl::Status CheckMayAdd(const Mutation& mutation, const v1::Entry& entry);
  absl::StatusOr<std::vector<EntryKey>> ContainedIn(const std::string& supplier);
  // Not too many facilities would have to be written.
  absl::Status CheckMayPassOn(const std::string& supplier);
  absl::Status PassOnVisibility();
  absl::Status PassOnVisibilityOf(const std::string& supplier);
  absl::Status CheckUnreferenced(const std::string& name);
  absl::StatusOr<StoredEntry> Write(const Mutation& mutation, const StoredEntry* before, v1::Entry entry);
  absl::StatusOr<StoredEntry> Store(Kind kind, const std::string& key, const StoredEntry* before, v1::Entry entry);

  WriteTransaction& transaction_;
  const std::string principal_;
  const std::string lineage_;
  std::set<std::string> announced_;
  // Suppliers whose visibility has changed.
  std::vector<std::string> passing_on_;
  // What refers to names that are written later in the set.
  std::vector<std::pair<type::v1::Visibility, Reference>> unseen_audiences_;
  std::unordered_map<std::string, Known> known_;
  std::vector<StoredEntry> results_;
  bool changed_ = false;
};

// Adds what the write of an entry is known to look at: itself, its container and what it refers to.
void AddTouched(Kind kind, const std::string& key, const v1::Entry& entry, std::vector<EntryKey>& touched);
std::vector<EntryKey> TouchedBy(const std::vector<Mutation>& mutations);

}  // namespace orewatch::registry
