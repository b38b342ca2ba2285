// Asks once for all who want to know the same at the same time.
#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/time/clock.h"
#include "services/gateway/client/backend.h"
#include "services/gateway/client/backend_metrics.h"

namespace orewatch::gateway {

// Callers share an answer only if they are the same principal in the same role, and only with a call that ends before
// their own deadlines. Whoever has time left when that call runs out of it asks again.
class CoalescingBackend final : public Backend {
 public:
  CoalescingBackend(Backend& next, const Clock& clock, BackendMetrics& metrics)
      : next_(next), clock_(clock), metrics_(metrics) {}
  void Ask(const QuestionPtr& question, Answered answered) override;

 private:
  struct Joined {
    QuestionPtr question;
    Answered answered;
  };
  struct Flight {
    absl::Time deadline;
    std::vector<Joined> joined;
  };

  // Ends the flight; gives those who wait for it.
  std::vector<Joined> Land(const std::string& key);
  void Answer(Joined joined, const absl::StatusOr<Reply>& reply);

  Backend& next_;
  const Clock& clock_;
  BackendMetrics& metrics_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Flight> flights_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::gateway
