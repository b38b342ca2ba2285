// Asks once for all who want to know the same at the same time.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/cancellation.h"
#include "common/time/clock.h"
#include "services/gateway/client/backend.h"
#include "services/gateway/client/backend_metrics.h"

namespace orewatch::gateway {

// Callers share an answer only if they are the same principal in the same role, and only with a call that ends before
// their own deadlines. Whoever has time left when that call runs out of it asks again. Who is cancelled is answered at
// once, and with the last of them the call is given up.
class CoalescingBackend final : public Backend {
 public:
  CoalescingBackend(Backend& next, const Clock& clock, BackendMetrics& metrics)
      : next_(next), clock_(clock), metrics_(metrics) {}
  void Ask(const QuestionPtr& question, Answered answered) override;

 private:
  struct Waiting {
    QuestionPtr question;
    Answered answered;
  };
  // In the order in which they came; the first of all is 0.
  using AllWaiting = std::map<int, Waiting>;
  // Its members but for the call are guarded by the mutex.
  struct Flight {
    absl::Time deadline;
    int came = 0;
    AllWaiting waiting;
    // Of the call that is shared.
    rpc::Cancellation call;
  };
  using FlightPtr = std::shared_ptr<Flight>;

  // Who is cancelled leaves the flight.
  void WatchFor(const rpc::Cancellation& cancellation, const std::string& key, const FlightPtr& flight, int place);
  void Leave(const std::string& key, const FlightPtr& flight, int place);
  // Ends the flight; gives those who wait for it.
  AllWaiting Land(const std::string& key, const FlightPtr& flight);
  void Answer(int place, Waiting waiting, const absl::StatusOr<Reply>& reply);

  Backend& next_;
  const Clock& clock_;
  BackendMetrics& metrics_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, FlightPtr> flights_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::gateway
