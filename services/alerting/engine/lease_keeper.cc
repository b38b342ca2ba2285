#include "services/alerting/engine/lease_keeper.h"

#include <optional>
#include <utility>

#include "common/log/log.h"

namespace orewatch::alerting {

LeaseKeeper::LeaseKeeper(AlertEngine& engine, absl::Duration poll, std::function<void(bool evaluates)> on_change)
    : engine_(engine), poll_(poll), on_change_(std::move(on_change)), thread_([this] { Run(); }) {}

void LeaseKeeper::Stop() {
  sleeper_.Stop();
  if (thread_.joinable()) {
    thread_.join();
    Tell(0);
    engine_.GiveUpLease();
  }
}

void LeaseKeeper::Tell(int64_t epoch) {
  const int64_t before = std::exchange(epoch_, epoch);
  if (before == epoch) {
    return;
  }
  if (before != 0) {
    on_change_(false);
  }
  if (epoch != 0) {
    on_change_(true);
  }
}

void LeaseKeeper::Run() {
  do {
    const absl::Status status = engine_.KeepLease();
    if (status.ok() == failing_) {
      failing_ = !status.ok();
      failing_ ? log::Warning("cannot keep the lease", {{"status", status.ToString()}})
               : log::Info("keeps the lease again", {});
    }
    const std::optional<HeldLease> held = engine_.lease();
    Tell(held.has_value() ? held->epoch : 0);
  } while (sleeper_.SleepFor(poll_));
}

}  // namespace orewatch::alerting
