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
  // At which it was written, and from which the version before it held; 0: there was none.
  int64_t revision = 0;
  int64_t replaced = 0;
  // What is there now; null: the database knows.
  EntryCache::Entry entry;
  // What it is to be found by; nothing: search does not find it.
  std::optional<SearchText> text;
  // By whom, as ReadersText says.
  std::string readers;
};

// The last state of each entry, in the order in which they were first written, and the states before it.
// Thread-compatible.
class WrittenEntries {
 public:
  void Add(WrittenEntry written);
  // What was written after this.
  void AddAll(WrittenEntries later);
  // Null if it has not been written.
  const WrittenEntry* Find(const std::string& name) const;
  const std::vector<WrittenEntry>& entries() const { return entries_; }
  // Earlier states of resources among the entries, in the order in which they were written.
  const std::vector<WrittenEntry>& superseded() const { return superseded_; }

 private:
  std::vector<WrittenEntry> entries_;
  std::vector<WrittenEntry> superseded_;
  std::unordered_map<std::string, size_t> index_;
};

}  // namespace orewatch::registry
