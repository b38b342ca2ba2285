// Where the registry keeps its entries: every version of each, and the history of changes, by revision.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
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

namespace orewatch::registry {

// Which entry.
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
  virtual absl::StatusOr<std::optional<StoredEntry>> Find(Kind kind, const std::string& key) = 0;
  // Creates or replaces, and records what it refers to.
  virtual absl::Status Put(Kind kind, const std::string& key, const v1::Entry& entry) = 0;
  // NOT_FOUND if there is none.
  virtual absl::Status Delete(Kind kind, const std::string& key) = 0;
  // Keys of up to `limit` entries that refer to a resource.
  virtual absl::StatusOr<std::vector<std::string>> Referrers(const std::string& target, int limit) = 0;
  // A caller's earlier request: the digest of its payload and the answer it got. Kept for a day at least.
  struct PastRequest {
    std::string digest;
    std::string answer;
  };
  virtual absl::StatusOr<std::optional<PastRequest>> FindRequest(const Author& author) = 0;
  virtual absl::Status KeepRequest(const Author& author, const PastRequest& request) = 0;
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
};

struct ListResult {
  std::vector<StoredEntry> entries;
  bool more = false;
};

// Thread-safe. Reads may block on disk. UNAVAILABLE if storage fails, on every method.
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

  virtual absl::StatusOr<std::optional<StoredEntry>> Find(Kind kind, const std::string& key) = 0;
  // By key; at least one row if there is one.
  virtual absl::StatusOr<ListResult> List(const ListQuery& query) = 0;
  // The changes of one revision, from change number `first` on, up to max_bytes but at least one; last_chunk says
  // whether that was all. NOT_FOUND if there is no such revision.
  virtual absl::StatusOr<v1::ChangeSet> ReadChanges(int64_t revision, int first, size_t max_bytes) = 0;

  virtual int64_t head() const = 0;
  virtual const std::string& lineage() const = 0;
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
