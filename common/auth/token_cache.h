// Tokens that were found right a moment ago.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/auth/token.h"

namespace orewatch::auth {

// By the SHA-256 of the token, so that it holds no token itself. Thread-safe. When it is full, what was used last the
// longest ago goes.
class TokenCache {
 public:
  explicit TokenCache(size_t capacity) : capacity_(capacity) {}

  // Nothing unless it was found right with the same generation of keys, and has not expired.
  std::optional<VerifiedToken> Find(const std::string& digest, int64_t generation, absl::Time now);
  void Put(const std::string& digest, int64_t generation, const VerifiedToken& token);
  size_t size() const;

 private:
  struct Entry {
    std::string digest;
    int64_t generation;
    VerifiedToken token;
  };
  using Entries = std::list<Entry>;

  const size_t capacity_;
  mutable absl::Mutex mutex_;
  // The one that was used last comes first.
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Entries::iterator> by_digest_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::auth
