// Where the registry keeps its entries: every version of each, and the history of changes, by revision.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/notifier.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "services/registry/domain/kinds.h"
#include "services/registry/domain/search_terms.h"

namespace orewatch::registry {

struct EntryKey {
  Kind kind = Kind::kMineral;
  // Resource name, or key of a statistic.
  std::string key;

  friend auto operator<=>(const EntryKey&, const EntryKey&) = default;
  template <typename H>
  friend H AbslHashValue(H hash, const EntryKey& entry) {
    return H::combine(std::move(hash), entry.kind, entry.key);
  }
};

// One version of an entry. It holds from `from_revision` until the next.
struct StoredEntry {
  Kind kind = Kind::kMineral;
  // Resource name, or key of a statistic.
  std::string key;
  int64_t from_revision = 0;
  absl::Time create_time;
  absl::Time update_time;
  // Set: the resource is deleted, and can be undeleted.
  std::optional<absl::Time> delete_time;
  // Without metadata.
  v1::Entry entry;
};

struct Author {
  std::string principal;
  std::string request_id;
};

// A write under way. All reads see the writes before them. Not thread-safe.
class WriteTransaction {
 public:
  virtual ~WriteTransaction() = default;
  // Says which entries the write is about to look at, there or not, so that an engine may fetch them all at once. What
  // is known before the write begins is better said to CommitTouching. Never needed for what is read to be right.
  virtual absl::Status Prefetch(const std::vector<EntryKey>&) { return absl::OkStatus(); }
  // Deleted ones too.
  virtual absl::StatusOr<std::optional<StoredEntry>> Find(Kind kind, const std::string& key) = 0;
  // Creates or replaces, and records what it refers to and what it is found by. A deleted one is back.
  virtual absl::Status Put(Kind kind, const std::string& key, const v1::Entry& entry) = 0;
  // Keeps a resource as deleted: it refers to nothing and is not found by search. NOT_FOUND if there is none.
  virtual absl::Status MarkDeleted(Kind kind, const std::string& key) = 0;
  // Ends a statistic, or a deleted resource, for good. NOT_FOUND if there is none.
  virtual absl::Status Delete(Kind kind, const std::string& key) = 0;
  // Whether there is or ever was one.
  virtual absl::StatusOr<bool> Existed(Kind kind, const std::string& key) = 0;
  // Keys of up to `limit` entries that refer to a resource.
  virtual absl::StatusOr<std::vector<std::string>> Referrers(const std::string& target, int limit) = 0;
  // A caller's earlier request: the digest of its payload and the answer it got. Kept for a day at least.
  struct PastRequest {
    std::string digest;
    std::string answer;
  };
  virtual absl::StatusOr<std::optional<PastRequest>> FindRequest(const Author& author) = 0;
  virtual absl::Status KeepRequest(const Author& author, const PastRequest& request) = 0;
  // A follower has everything up to a revision. Takes no revision of its own.
  virtual absl::Status NoteFollower(const std::string& follower, int64_t revision) = 0;
  // Moves versions that ended at or before a revision out of the way of reads. Takes no revision of its own.
  virtual absl::Status Compact(int64_t revision) = 0;
  // Forgets what versions that ended at or before a revision were found by, as far as the next `max_changes` changes go
  // and for one revision at least: EarliestSearched says how far that was. Takes no revision of its own.
  virtual absl::Status DropSearched(int64_t revision, int max_changes) = 0;
  // The revision that this write will have if it changes anything, and its time.
  virtual int64_t revision() const = 0;
  virtual absl::Time commit_time() const = 0;
};

// What a write did: the head after it, and whether it took a revision of its own.
struct Committed {
  int64_t revision = 0;
  bool changed = false;
};

using Write = std::function<absl::Status(WriteTransaction&)>;

// Where a list begins, and how much of it to take.
struct ListQuery {
  Kind kind = Kind::kMineral;
  std::string key_prefix;
  std::string after_key;
  // The list as it was at this revision.
  int64_t revision = 0;
  size_t max_rows = 0;
  size_t max_bytes = 0;
  bool show_deleted = false;
};

struct ListResult {
  std::vector<StoredEntry> entries;
  bool more = false;
};

// Entries as they were at one revision; nothing for one that was not there.
struct FoundEntries {
  int64_t revision = 0;
  std::vector<std::optional<StoredEntry>> entries;
  // Together they are larger than was asked for, and none is here.
  bool too_large = false;
};

// What happened to one resource.
struct HistoryQuery {
  EntryKey entry;
  // Changes after it or, newest first, before it. 0: from the beginning, or from the end.
  int64_t from = 0;
  bool newest_first = false;
  size_t max_rows = 0;
  size_t max_bytes = 0;
};

struct HistoryResult {
  // Each holds the changes of the resource alone.
  std::vector<v1::ChangeSet> sets;
  bool more = false;
};

// How many entries there are of a kind.
struct EntryCount {
  Kind kind = Kind::kMineral;
  bool deleted = false;
  int64_t count = 0;
};

struct SearchQuery {
  // All must match.
  std::vector<SearchTerm> terms;
  // Empty: all.
  std::vector<Kind> kinds;
  // What it may not read does not match.
  std::string principal;
  // The matches as they were at this revision.
  int64_t revision = 0;
  // Of the matches, best first, how many to pass over and to take.
  size_t skip = 0;
  size_t max_rows = 0;
  // The last match taken is the second, or the first with which they pass this.
  size_t max_bytes = 0;
};

struct SearchHit {
  StoredEntry stored;
  // Greater is better (domain/relevance.h).
  double score = 0;
};

// Thread-safe. Reads may block on disk or network. UNAVAILABLE if storage fails, DEADLINE_EXCEEDED if it takes too
// long, on every method.
class RegistryStore {
 public:
  virtual ~RegistryStore() = default;

  // Runs `write`, alone or with others in one transaction of the engine; what it changed becomes the next revision.
  // Durable on return. The write's own error rolls back the write alone. A write that changes nothing takes no
  // revision. RESOURCE_EXHAUSTED if too many wait.
  virtual absl::StatusOr<Committed> Commit(const Author& author, const Write& write) = 0;
  // The same, saying beforehand which entries the write is about to look at, there or not: an engine may fetch those of
  // all waiting writes at once. Never needed for what is read to be right.
  virtual absl::StatusOr<Committed> CommitTouching(const std::vector<EntryKey>& touched, const Author& author,
                                                   const Write& write);

  // Deleted ones too.
  virtual absl::StatusOr<std::optional<StoredEntry>> Find(Kind kind, const std::string& key) = 0;
  // What Find would say, if the engine has it in memory; null: Find has to be asked. Never blocks.
  virtual std::shared_ptr<const StoredEntry> FindInMemory(Kind, const std::string& /*key*/) { return nullptr; }
  // As Find for several, all at the newest revision.
  virtual absl::StatusOr<FoundEntries> FindAll(const std::vector<EntryKey>& keys, size_t max_bytes) = 0;
  // By key; at least one row if there is one. OUT_OF_RANGE (REVISION_COMPACTED) below earliest().
  virtual absl::StatusOr<ListResult> List(const ListQuery& query) = 0;
  // The changes of one revision, from change number `first` on, up to max_bytes but at least one; last_chunk says
  // whether that was all, and then the digest is there. NOT_FOUND if there is no such revision, OUT_OF_RANGE
  // (REVISION_COMPACTED) at or below earliest().
  virtual absl::StatusOr<v1::ChangeSet> ReadChanges(int64_t revision, int first, size_t max_bytes) = 0;
  // At least one set if there is one. Compaction does not shorten it.
  virtual absl::StatusOr<HistoryResult> ReadHistory(const HistoryQuery& query) = 0;
  // Live resources, best first, then by kind and key. OUT_OF_RANGE (REVISION_COMPACTED) below EarliestSearched().
  virtual absl::StatusOr<std::vector<SearchHit>> Search(const SearchQuery& query) = 0;
  // The earliest revision as of which one can search.
  virtual absl::StatusOr<int64_t> EarliestSearched() = 0;
  // Resources that were deleted before a time, up to `limit`.
  virtual absl::StatusOr<std::vector<EntryKey>> DeletedBefore(absl::Time time, int limit) = 0;

  // Looks at every entry. A kind without any may be missing.
  virtual absl::StatusOr<std::vector<EntryCount>> CountEntries() = 0;
  // From now on says how long each group of writes took that changed something. Not from several threads at once.
  virtual void ObserveCommits(std::function<void(absl::Duration)> observe) = 0;

  // SHA-256 over the history up to a revision (domain/change_digest.h); of none for 0. NOT_FOUND.
  virtual absl::StatusOr<std::string> DigestAt(int64_t revision) = 0;
  // The newest revision that had been committed by a time; 0 if there was none.
  virtual absl::StatusOr<int64_t> RevisionAt(absl::Time time) = 0;
  // The last revision that the next `changes` changes after a revision reach; that revision if there are none.
  virtual absl::StatusOr<int64_t> RevisionReached(int64_t after, int changes) = 0;
  // The lowest revision noted by a follower since a time; nothing if there is no such follower.
  virtual absl::StatusOr<std::optional<int64_t>> SlowestFollower(absl::Time since) = 0;

  // The newest revision that this process knows of; others may have committed further ones.
  virtual int64_t head() const = 0;
  // The newest revision that anybody has committed, which is the head from then on.
  virtual absl::StatusOr<int64_t> FindHead() { return head(); }
  // The earliest revision after which changes can be read, and as of which entries can be listed.
  virtual int64_t earliest() const = 0;
  virtual const std::string& lineage() const = 0;
  // 32 random bytes that all replicas share, to encipher page tokens with.
  virtual const std::string& secret() const = 0;
  // Rings after each commit that changed something.
  virtual rpc::Notifier& committed() = 0;
};

inline absl::StatusOr<Committed> RegistryStore::CommitTouching(const std::vector<EntryKey>& touched,
                                                               const Author& author, const Write& write) {
  return Commit(author, [&](WriteTransaction& transaction) {
    const absl::Status fetched = transaction.Prefetch(touched);
    return fetched.ok() ? write(transaction) : fetched;
  });
}

}  // namespace orewatch::registry
