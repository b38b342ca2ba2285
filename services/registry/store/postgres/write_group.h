// The registry as the writes of one group see it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/postgres.h"
#include "services/registry/store/postgres/pending_changes.h"

namespace orewatch::registry {

// INVALID_ARGUMENT, reason UNSUPPORTED_TEXT: a key or an id that the database cannot hold. Found before it is sent,
// since a statement that fails takes the whole group with it.
absl::Status CheckStorable(absl::string_view text);

// Applies what PendingChanges::ReferencesTo says.
void ApplyReferences(const std::map<EntryKey, bool>& changed, std::set<EntryKey>& sources);

// The database under the lock of the history, read once per key, and over it what earlier writes of the group have
// changed. Thread-compatible.
class WriteGroup {
 public:
  explicit WriteGroup(storage::Postgres& db) : db_(db) {}

  // What the group is known to look at, read along with the lock. Keys and authors are storable.
  struct Preload {
    std::vector<EntryKey> keys;
    std::vector<Author> authors;

    std::vector<storage::PostgresStatement> Statements() const;
  };
  // `rows`: of the statements, from the one numbered `first` on.
  void Take(const Preload& preload, const std::vector<storage::PostgresRows>& rows, size_t first);

  // Reads those of the entries that are not known yet, in one round trip.
  absl::Status Load(const std::vector<EntryKey>& keys);
  // The last version, of a deleted one too. Null if there is none.
  absl::StatusOr<VersionPtr> Live(const EntryKey& key);
  // Whether there is or ever was one.
  absl::StatusOr<bool> Existed(const EntryKey& key);
  // Sources of references to a resource, at least the first `count`.
  absl::StatusOr<std::set<EntryKey>> Referrers(const std::string& target, size_t count);

  absl::StatusOr<std::optional<WriteTransaction::PastRequest>> Request(const Author& author);

  // What a write that succeeded has changed.
  void Take(PendingChanges changes) { pending_.Append(std::move(changes)); }
  const PendingChanges& pending() const { return pending_; }
  // The first failure of the database, after which the transaction is good for nothing.
  const absl::Status& failure() const { return failure_; }

 private:
  template <typename Result>
  Result Noting(Result result);
  void TakeEntries(const std::vector<EntryKey>& keys, const storage::PostgresRows& rows);
  void TakeRequests(const std::vector<Author>& authors, const storage::PostgresRows& rows);

  struct Stored {
    VersionPtr live;
    bool existed = false;
  };
  absl::StatusOr<Stored> Look(const EntryKey& key);

  storage::Postgres& db_;
  absl::flat_hash_map<EntryKey, Stored> stored_;
  absl::flat_hash_map<RequestKey, std::optional<WriteTransaction::PastRequest>> stored_requests_;
  PendingChanges pending_;
  absl::Status failure_;
};

}  // namespace orewatch::registry
