#include "services/registry/store/sqlite/entry_cache.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace orewatch::registry {
namespace {

// A message takes several times the memory of its bytes, for its strings and lists.
size_t MemoryOf(const StoredEntry& stored) {
  constexpr size_t kMessageOverBytes = 4;
  constexpr size_t kBookkeeping = 400;
  return kBookkeeping + 3 * stored.key.size() + kMessageOverBytes * stored.entry.ByteSizeLong();
}

}  // namespace

std::string EntryCache::NameOf(Kind kind, const std::string& key) {
  return absl::StrCat(static_cast<int>(kind), "/", key);
}

EntryCache::Entry EntryCache::Find(const std::string& name) {
  Shard& shard = ShardOf(name);
  absl::MutexLock lock(&shard.mutex);
  const auto found = shard.index.find(name);
  if (found == shard.index.end()) {
    return nullptr;
  }
  shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
  return found->second->entry;
}

uint64_t EntryCache::TakeTicket(const std::string& name) const {
  const Shard& shard = ShardOf(name);
  absl::MutexLock lock(&shard.mutex);
  return shard.commits;
}

void EntryCache::Offer(uint64_t ticket, const std::string& name, Entry entry) {
  Shard& shard = ShardOf(name);
  absl::MutexLock lock(&shard.mutex);
  if (shard.commits == ticket && shard.committing.count(name) == 0 && shard.index.count(name) == 0) {
    Keep(shard, name, std::move(entry));
  }
}

void EntryCache::BeginCommit(const std::string& name) {
  Shard& shard = ShardOf(name);
  absl::MutexLock lock(&shard.mutex);
  ++shard.commits;
  shard.committing.insert(name);
  Drop(shard, name);
}

void EntryCache::EndCommit(const std::string& name, Entry entry) {
  Shard& shard = ShardOf(name);
  absl::MutexLock lock(&shard.mutex);
  // Whoever read before the commit must not offer now.
  ++shard.commits;
  shard.committing.erase(name);
  if (entry != nullptr) {
    Keep(shard, name, std::move(entry));
  }
}

void EntryCache::Drop(Shard& shard, const std::string& name) {
  if (const auto found = shard.index.find(name); found != shard.index.end()) {
    shard.bytes -= found->second->bytes;
    shard.recent.erase(found->second);
    shard.index.erase(found);
  }
}

void EntryCache::Keep(Shard& shard, const std::string& name, Entry entry) const {
  const size_t bytes = MemoryOf(*entry);
  if (bytes > max_shard_bytes_) {
    return;
  }
  shard.recent.push_front({name, std::move(entry), bytes});
  shard.index.emplace(name, shard.recent.begin());
  shard.bytes += bytes;
  while (shard.bytes > max_shard_bytes_) {
    // Copied, because it goes with what it names.
    const std::string oldest = shard.recent.back().name;
    Drop(shard, oldest);
  }
}

}  // namespace orewatch::registry
