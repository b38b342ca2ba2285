#include "services/alerting/engine/grid_ticker.h"

#include <algorithm>
#include <utility>

#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

// The clock may be set, or be one that only moves when it is told to: it is looked at this often.
constexpr absl::Duration kLongestWait = absl::Seconds(1);

}  // namespace

GridTicker::GridTicker(const Clock& clock, std::function<void()> on_tick)
    : clock_(clock), on_tick_(std::move(on_tick)), thread_([this] { Run(); }) {}

GridTicker::~GridTicker() {
  sleeper_.Stop();
  thread_.join();
}

void GridTicker::Run() {
  int64_t last = TickAt(clock_.Now());
  while (sleeper_.SleepFor(std::min(TimeOf(last + 1) - clock_.Now(), kLongestWait))) {
    const int64_t tick = TickAt(clock_.Now());
    if (tick != last) {
      last = tick;
      on_tick_();
    }
  }
}

}  // namespace orewatch::alerting
