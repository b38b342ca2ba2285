// What a process knows of the PostgreSQL database that it cannot serve without.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace orewatch::app {

// Thread-safe, but for what opens the database, which one thread does. Time is the steady clock's: a wall clock that is
// set must take no replica away from its callers.
class DatabaseWatch {
 public:
  using Pause = std::function<bool(absl::Duration)>;

  // `pause` lets time pass, and says whether the process is to go on.
  DatabaseWatch(prometheus::Registry& metrics, Pause pause) : metrics_(metrics), pause_(std::move(pause)) {}

  // Runs `open`, which returns an absl::StatusOr, until it succeeds: a database that is away comes back, and a process
  // that ended would be started again later and later. What waiting does not mend is returned at once: everything but
  // UNAVAILABLE, and a login that is refused. CANCELLED once the process is to end.
  template <typename Open>
  auto Await(const Open& open) -> decltype(open()) {
    Begin();
    auto opened = open();
    while (!opened.ok() && MayMend(opened.status())) {
      if (absl::Status status = WaitAfter(opened.status()); !status.ok()) {
        return status;
      }
      opened = open();
    }
    End(opened.status());
    return opened;
  }

  // It has just answered. Nothing is expected of a database that never has.
  void NoteAnswer() { answered_.store(Now()); }
  absl::Duration Silence() const;

 private:
  static int64_t Now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
  static bool MayMend(const absl::Status& status);
  void Begin();
  absl::Status WaitAfter(const absl::Status& status);
  void End(const absl::Status& status);

  prometheus::Registry& metrics_;
  const Pause pause_;
  prometheus::Gauge* awaited_ = nullptr;
  absl::Duration next_pause_;
  bool told_ = false;
  // Ticks of the steady clock; 0: never.
  std::atomic<int64_t> answered_{0};
};

}  // namespace orewatch::app
