#include "services/registry/store/postgres/known_history.h"

#include <algorithm>

namespace orewatch::registry {

const std::string KnownHistory::kNone;

void KnownHistory::Adopt(const History& history) {
  bool another = false;
  {
    absl::MutexLock lock(&mutex_);
    another = lineage() != history.lineage;
    if (another) {
      lineages_.push_back(history.lineage);
      lineage_.store(&lineages_.back());
      head_.store(history.head);
    }
  }
  if (another) {
    changed_.NotifyAll();
  } else {
    Advance(history.head);
  }
}

void KnownHistory::Advance(int64_t head) {
  bool news = false;
  {
    absl::MutexLock lock(&mutex_);
    news = head > head_.load();
    head_.store(std::max(head, head_.load()));
  }
  if (news) {
    changed_.NotifyAll();
  }
}

}  // namespace orewatch::registry
