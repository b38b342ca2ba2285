#include "common/auth/token_cache.h"

namespace orewatch::auth {

std::optional<VerifiedToken> TokenCache::Find(const std::string& digest, int64_t generation, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) {
    return std::nullopt;
  }
  const Entries::iterator entry = found->second;
  if (entry->generation != generation || entry->token.expire_time <= now) {
    by_digest_.erase(found);
    entries_.erase(entry);
    return std::nullopt;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->token;
}

void TokenCache::Put(const std::string& digest, int64_t generation, const VerifiedToken& token) {
  absl::MutexLock lock(&mutex_);
  const auto [place, fresh] = by_digest_.try_emplace(digest);
  if (!fresh) {
    entries_.erase(place->second);
  }
  entries_.push_front({digest, generation, token});
  place->second = entries_.begin();
  if (entries_.size() > capacity_) {
    by_digest_.erase(entries_.back().digest);
    entries_.pop_back();
  }
}

size_t TokenCache::size() const {
  absl::MutexLock lock(&mutex_);
  return entries_.size();
}

}  // namespace orewatch::auth
