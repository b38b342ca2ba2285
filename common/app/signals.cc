#include "common/app/signals.h"

#include <pthread.h>
#include <unistd.h>

namespace orewatch::app {
namespace {

constexpr int kForcedExit = 130;

void ExitAtOnce(int) { _exit(kForcedExit); }

}  // namespace

StopSignals::StopSignals() : signals_{} {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  Block();
  // A peer that hangs up must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
}

void StopSignals::Block() { pthread_sigmask(SIG_BLOCK, &signals_, nullptr); }

void StopSignals::EndAtTheNext() {
  struct sigaction action {};
  action.sa_handler = ExitAtOnce;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

int StopSignals::Wait() {
  int signal = 0;
  sigwait(&signals_, &signal);
  EndAtTheNext();
  return signal;
}

bool StopSignals::WaitFor(absl::Duration time) {
  const timespec timeout = absl::ToTimespec(time);
  if (sigtimedwait(&signals_, nullptr, &timeout) < 0) {
    return false;
  }
  EndAtTheNext();
  return true;
}

}  // namespace orewatch::app
