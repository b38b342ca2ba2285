#include "services/alerting/engine/lease_keeper.h"

#include <utility>

#include "common/log/log.h"

namespace orewatch::alerting {

LeaseKeeper::LeaseKeeper(AlertEngine& engine, absl::Duration poll, std::function<void(bool evaluates)> on_change)
    : engine_(engine), poll_(poll), on_change_(std::move(on_change)), thread_([this] { Run(); }) {}

void LeaseKeeper::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  if (thread_.joinable()) {
    thread_.join();
    Tell(false);
    engine_.GiveUpLease();
  }
}

void LeaseKeeper::Tell(bool evaluates) {
  if (std::exchange(evaluates_, evaluates) != evaluates) {
    on_change_(evaluates);
  }
}

void LeaseKeeper::Run() {
  for (;;) {
    const absl::Status status = engine_.KeepLease();
    if (status.ok() == failing_) {
      failing_ = !status.ok();
      failing_ ? log::Warning("cannot keep the lease", {{"status", status.ToString()}})
               : log::Info("keeps the lease again", {});
    }
    Tell(engine_.lease().has_value());
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopped_), poll_)) {
      return;
    }
  }
}

}  // namespace orewatch::alerting
