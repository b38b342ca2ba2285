#include "common/exec/repeater.h"

#include <utility>

namespace orewatch {

Repeater::Repeater(std::function<absl::Duration()> task, absl::Duration first)
    : task_(std::move(task)), thread_([this, first] { Run(first); }) {}

Repeater::~Repeater() {
  sleeper_.Stop();
  thread_.join();
}

void Repeater::Run(absl::Duration pause) {
  while (sleeper_.SleepFor(pause)) {
    pause = task_();
  }
}

}  // namespace orewatch
