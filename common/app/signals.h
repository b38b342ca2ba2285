// Stop signals, taken by one waiting thread instead of a handler.
#pragma once

#include <csignal>

#include "absl/time/time.h"

namespace orewatch::app {

// SIGTERM and SIGINT. Blocked in the constructor, which must run before the first thread starts: threads inherit the
// mask, and a process that is PID 1 gets no default action for a signal, so an unblocked one would be ignored.
class StopSignals {
 public:
  StopSignals();
  // Blocks until a signal arrives; returns its number. After it the next signal ends the process at once.
  int Wait();
  // True if a signal has arrived, for which it waits so long. That one Wait does not see.
  bool WaitFor(absl::Duration time);
  // Runs what starts no threads, and a signal meanwhile ends the process at once.
  template <typename Work>
  auto Interruptibly(const Work& work) {
    EndAtTheNext();
    auto result = work();
    Block();
    return result;
  }

 private:
  void Block();
  void EndAtTheNext();

  sigset_t signals_;
};

}  // namespace orewatch::app
