// What has been written and not committed.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/registry/domain/search_terms.h"
#include "services/registry/store/sqlite/entry_cache.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

struct WrittenEntry {
  Kind kind = Kind::kMineral;
  std::string key;
  // What is there now; null: the database knows.
  EntryCache::Entry entry;
  // What it is to be found by; nothing: search does not find it.
  std::optional<SearchText> text;
  // There was none before.
  bool is_new = false;
};

// The last state of each entry, in the order in which they were first written. Thread-compatible.
class WrittenEntries {
 public:
  void Add(WrittenEntry written);
  // What was written after this.
  void AddAll(WrittenEntries later);
  // Null if it has not been written.
  const WrittenEntry* Find(const std::string& name) const;
  const std::vector<WrittenEntry>& entries() const { return entries_; }

 private:
  std::vector<WrittenEntry> entries_;
  std::unordered_map<std::string, size_t> index_;
};

}  // namespace orewatch::registry
