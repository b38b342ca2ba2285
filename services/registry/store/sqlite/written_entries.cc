#include "services/registry/store/sqlite/written_entries.h"

#include <utility>

namespace orewatch::registry {

void WrittenEntries::Add(WrittenEntry written) {
  const auto [found, added] = index_.try_emplace(EntryCache::NameOf(written.kind, written.key), entries_.size());
  if (added) {
    entries_.push_back(std::move(written));
    return;
  }
  WrittenEntry& last = entries_[found->second];
  if (!IsStatistic(last.kind)) {
    superseded_.push_back(std::move(last));
  }
  last = std::move(written);
}

void WrittenEntries::AddAll(WrittenEntries later) {
  if (entries_.empty()) {
    *this = std::move(later);
    return;
  }
  for (WrittenEntry& written : later.superseded_) {
    Add(std::move(written));
  }
  for (WrittenEntry& written : later.entries_) {
    Add(std::move(written));
  }
}

const WrittenEntry* WrittenEntries::Find(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

}  // namespace orewatch::registry
