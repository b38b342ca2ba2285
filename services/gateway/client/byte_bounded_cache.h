// What was used last, up to a number of bytes.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/gateway/client/backend_metrics.h"

namespace orewatch::gateway {

// Thread-safe. Values are shared with those who found them, and immutable. The metrics outlive it.
template <typename Value>
class ByteBoundedCache {
 public:
  // 0: nothing is ever held.
  ByteBoundedCache(size_t most_bytes, CacheMetrics& metrics) : most_bytes_(most_bytes), metrics_(metrics) {}

  // Null: there is none.
  std::shared_ptr<const Value> Find(absl::string_view key) {
    absl::MutexLock lock(&mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
      return nullptr;
    }
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return found->second->value;
  }

  // Takes the place of what was there. `bytes`: of the value alone. What is larger than a quarter of all is not held,
  // lest one answer drive out all others.
  void Put(const std::string& key, std::shared_ptr<const Value> value, size_t bytes) {
    constexpr size_t kMostOfOne = 4;
    constexpr size_t kOverhead = 128;
    bytes += 2 * key.size() + kOverhead;
    absl::MutexLock lock(&mutex_);
    EraseLocked(key);
    if (bytes > most_bytes_ / kMostOfOne) {
      return;
    }
    by_use_.push_front({key, std::move(value), bytes});
    entries_.emplace(key, by_use_.begin());
    bytes_ += bytes;
    while (bytes_ > most_bytes_) {
      EraseLocked(std::string(by_use_.back().key));
      metrics_.evictions.Increment();
    }
    metrics_.bytes.Set(static_cast<double>(bytes_));
  }

  void Erase(const std::string& key) {
    absl::MutexLock lock(&mutex_);
    EraseLocked(key);
    metrics_.bytes.Set(static_cast<double>(bytes_));
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Value> value;
    size_t bytes;
  };

  void EraseLocked(const std::string& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (const auto found = entries_.find(key); found != entries_.end()) {
      bytes_ -= found->second->bytes;
      by_use_.erase(found->second);
      entries_.erase(found);
    }
  }

  const size_t most_bytes_;
  CacheMetrics& metrics_;
  absl::Mutex mutex_;
  // The last used first.
  std::list<Entry> by_use_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, typename std::list<Entry>::iterator> entries_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace orewatch::gateway
