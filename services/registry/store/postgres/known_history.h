// What this process knows of the history, whoever committed it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/notifier.h"
#include "services/registry/store/postgres/history.h"

namespace orewatch::registry {

// Thread-safe.
class KnownHistory {
 public:
  // Something that has been committed for certain.
  struct Position {
    std::string lineage;
    int64_t head = 0;
    // Of the head.
    std::string digest;
    int64_t earliest = 0;
  };

  int64_t head() const { return head_.load(); }
  int64_t earliest() const { return earliest_.load(); }
  // These live as long as this object, also when others take their place.
  const std::string& lineage() const { return identity_.load()->lineage; }
  const std::string& secret() const { return identity_.load()->secret; }
  Position position() const;
  // It has been the history's lineage and is not any more: nothing is committed under it.
  bool HasLeft(const std::string& lineage) const;
  // Rings when head or lineage have changed.
  rpc::Notifier& changed() { return changed_; }

  // Takes over what the database says. Within a lineage the head only grows; another lineage may have a lower one.
  void Adopt(const History& history);
  // A commit, of this process or another. That of another lineage is passed over: false, and a connection will show it.
  bool Advance(const Position& position);

 private:
  struct Identity {
    std::string lineage;
    std::string secret;
  };
  static const Identity kNone;

  rpc::Notifier changed_;
  mutable absl::Mutex mutex_;
  std::deque<Identity> identities_ ABSL_GUARDED_BY(mutex_);
  // Of the head.
  std::string digest_ ABSL_GUARDED_BY(mutex_);
  std::atomic<const Identity*> identity_{&kNone};
  std::atomic<int64_t> head_{0};
  std::atomic<int64_t> earliest_{0};
};

// A position as it is told to other processes, and read from what they tell.
std::string AnnouncementOf(const KnownHistory::Position& position);
std::optional<KnownHistory::Position> PositionIn(absl::string_view announcement);

// Whether what was read, by a statement that began when `known` was known already, is a history without it.
bool Contradicts(const KnownHistory::Position& known, const History& read);

}  // namespace orewatch::registry
