// What writes have changed and nobody has sent to the database yet.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/registry/store/postgres/entry_rows.h"
#include "services/registry/store/postgres/search.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// A version that is read (`stored`) or still to be written. Shared between those who look at it.
struct Version : EntryRow {
  bool stored = false;
};
using VersionPtr = std::shared_ptr<Version>;

// One row of `refs`.
struct ReferenceRow {
  std::string target;
  EntryKey source;

  friend auto operator<=>(const ReferenceRow&, const ReferenceRow&) = default;
};

enum class ReferenceState {
  // Certain not to be stored yet, which makes it cheaper to store.
  kNew,
  kPresent,
  kGone,
};

// One row of `changes`.
struct ChangeRow {
  int64_t revision;
  int64_t number;
  EntryKey entry;
  v1::Change::Operation operation;
};

// One row of `change_sets`.
struct ChangeSetRow {
  int64_t revision;
  absl::Time commit_time;
  Author author;
  // Of the history up to it.
  std::string digest;
  // Drawn by the writer for all sets of one transaction.
  int64_t transaction;
};

// One row of `requests`.
struct RequestRow {
  absl::Time time;
  WriteTransaction::PastRequest request;
};

// One row of `followers`.
struct FollowerRow {
  int64_t revision;
  absl::Time time;
};

// As WriteTransaction::DropSearched.
struct DroppedSearches {
  int64_t revision;
  int max_changes;
};

// Principal and request id.
using RequestKey = std::pair<std::string, std::string>;

// The changes of one write, or of the writes of a group that have succeeded so far.
struct PendingChanges {
  // The newest state of an entry: its live version, or null if it was ended.
  struct Touched {
    VersionPtr live;
    // A version begins with the write at hand, which may begin only one.
    bool begun = false;
  };
  absl::flat_hash_map<EntryKey, Touched> entries;
  std::vector<VersionPtr> begun;
  // Versions with the revision that ends them.
  std::vector<std::pair<VersionPtr, int64_t>> ended;
  std::map<ReferenceRow, ReferenceState> references;
  std::vector<ChangeRow> changes;
  std::vector<ChangeSetRow> change_sets;
  std::map<RequestKey, RequestRow> requests;
  // What versions that begin are found by.
  std::vector<SearchRow> search;
  std::map<std::string, FollowerRow> followers;
  // Versions that ended at or before it are to be moved out of the way of reads.
  std::optional<int64_t> compacted;
  // What is to be forgotten of what search finds.
  std::optional<DroppedSearches> searches_dropped;

  void SetReference(const ReferenceRow& reference, ReferenceState state);
  // Sources of references to a resource that these changes make (true) or end (false).
  std::map<EntryKey, bool> ReferencesTo(const std::string& target) const;
  bool empty() const {
    return begun.empty() && ended.empty() && requests.empty() && followers.empty() && !compacted.has_value() &&
           !searches_dropped.has_value();
  }
  // Adds a write that came after these.
  void Append(PendingChanges later);
};

}  // namespace orewatch::registry
