// What this process knows of the history, whoever committed it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/notifier.h"
#include "services/registry/store/postgres/history.h"

namespace orewatch::registry {

// Thread-safe.
class KnownHistory {
 public:
  int64_t head() const { return head_.load(); }
  // Lives as long as this object, also when another lineage takes its place.
  const std::string& lineage() const { return *lineage_.load(); }
  // Rings when head or lineage have changed.
  rpc::Notifier& changed() { return changed_; }

  // Takes over what the database says. Within a lineage the head only grows; another lineage may have a lower one.
  void Adopt(const History& history);
  // A commit of the lineage at hand.
  void Advance(int64_t head);

 private:
  static const std::string kNone;
  rpc::Notifier changed_;
  absl::Mutex mutex_;
  std::deque<std::string> lineages_ ABSL_GUARDED_BY(mutex_);
  std::atomic<const std::string*> lineage_{&kNone};
  std::atomic<int64_t> head_{0};
};

}  // namespace orewatch::registry
