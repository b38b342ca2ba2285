// The newest committed versions of entries that were asked for lately, in memory.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Never shows what is older than what the database shows: what is about to be committed is taken out before, kept out
// meanwhile, and put in after. Bounded by size; what has not been asked for longest goes first. Thread-safe.
class EntryCache {
 public:
  using Entry = std::shared_ptr<const StoredEntry>;

  explicit EntryCache(size_t max_bytes) : max_shard_bytes_(max_bytes / kShards) {}

  // One name for entries of all kinds.
  static std::string NameOf(Kind kind, const std::string& key);

  // Null if it is not here.
  Entry Find(const std::string& name);

  // To keep what the database says: take a ticket, read, and offer what was found. An offer is turned down if a commit
  // came between.
  uint64_t TakeTicket(const std::string& name) const;
  void Offer(uint64_t ticket, const std::string& name, Entry entry);

  // Around the commit of a version.
  void BeginCommit(const std::string& name);
  // `entry` is what is there after it; null: nothing, or not known.
  void EndCommit(const std::string& name, Entry entry);

 private:
  static constexpr size_t kShards = 64;
  struct Kept {
    std::string name;
    Entry entry;
    size_t bytes = 0;
  };
  struct Shard {
    mutable absl::Mutex mutex;
    uint64_t commits ABSL_GUARDED_BY(mutex) = 0;
    size_t bytes ABSL_GUARDED_BY(mutex) = 0;
    // The most recently asked for first.
    std::list<Kept> recent ABSL_GUARDED_BY(mutex);
    std::unordered_map<std::string, std::list<Kept>::iterator> index ABSL_GUARDED_BY(mutex);
    std::unordered_set<std::string> committing ABSL_GUARDED_BY(mutex);
  };

  static void Drop(Shard& shard, const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  void Keep(Shard& shard, const std::string& name, Entry entry) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  Shard& ShardOf(const std::string& name) { return shards_.at(std::hash<std::string>()(name) % kShards); }
  const Shard& ShardOf(const std::string& name) const { return shards_.at(std::hash<std::string>()(name) % kShards); }

  const size_t max_shard_bytes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace orewatch::registry
