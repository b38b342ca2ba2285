// What the probes of a process are told, from before it serves until after.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/app/database_watch.h"
#include "common/exec/repeater.h"
#include "common/rpc/pulse.h"
#include "common/rpc/server.h"

namespace orewatch::app {

// Live: the threads that serve gRPC serve, whatever they depend on. Ready: the answers are worth asking for, the
// database has not been silent for too long, and the server does not drain. The health service of the server says the
// same of readiness. Thread-safe.
class Probes {
 public:
  struct Options {
    // So long a database may be silent.
    absl::Duration database_patience = absl::Minutes(1);
    // Between two looks at the database, and between two at the server.
    absl::Duration database_look = absl::Seconds(1);
    absl::Duration pulse = absl::Seconds(5);
    // A server that has not answered for so long is not live.
    absl::Duration pulse_patience = absl::Seconds(15);
  };

  // `database` outlives it.
  Probes(const DatabaseWatch& database, const Options& options) : database_(database), options_(options) {}
  ~Probes() { EndServing(); }
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;

  // From here until EndServing it looks at that server.
  void BeginServing(rpc::Server& server);
  // The answers are worth asking for from now on.
  void SetCaughtUp();
  // Live as long as it takes, and not ready.
  void BeginDrain();
  void EndServing();

  bool live() const;
  bool ready() const { return WhyNotReady().empty(); }
  // For people; empty: it is ready.
  std::string WhyNotReady() const;
  // The page of the calls in flight; of none while there is no server.
  std::string CallsInFlight(absl::Time now) const;

 private:
  using Steady = std::chrono::steady_clock;

  // Tells the health service if it has changed.
  void LookAtReadiness();
  void FeelPulse();
  std::string WhyNotReadyLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const DatabaseWatch& database_;
  const Options options_;
  mutable absl::Mutex mutex_;
  rpc::Server* server_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool caught_up_ ABSL_GUARDED_BY(mutex_) = false;
  bool drains_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool told_ready_ ABSL_GUARDED_BY(mutex_) = false;
  Steady::time_point last_beat_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<rpc::Pulse> pulse_;
  std::optional<Repeater> looks_;
  std::optional<Repeater> feels_;
};

}  // namespace orewatch::app
