// A program of this build, started, signalled and reaped by a test.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace orewatch::testing {

// Thread-compatible. A child that still runs when its owner goes is killed.
class ChildProcess {
 public:
  struct Options {
    // A name below the build's bin/, or a path.
    std::string program;
    std::vector<std::string> arguments = {};
    // Both outputs are appended to it; empty: nowhere.
    std::string log_file = "";
    // In a PID namespace of its own, as the first process of a container is.
    bool as_pid_1 = false;
  };

  // PERMISSION_DENIED if a namespace is wanted and this user may make none.
  static absl::StatusOr<ChildProcess> Start(const Options& options);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  void Signal(int signal) const;
  // The exit code, or minus the signal that ended it; nothing if it still runs after `patience`.
  std::optional<int> Wait(absl::Duration patience);
  // SIGKILL, and gone on return.
  void Kill();
  bool running();
  // The most that it ever held, once it has been waited for: no less than this process held when it started.
  int64_t peak_memory_bytes() const { return peak_memory_bytes_; }

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  // -1: nobody.
  pid_t pid_ = -1;
  int64_t peak_memory_bytes_ = 0;
};

// What the program printed, and its exit code as in Wait.
struct Finished {
  int code = 0;
  std::string output;
  int64_t peak_memory_bytes = 0;
};
Finished RunToEnd(const ChildProcess::Options& options, absl::Duration patience = absl::Minutes(1));

// A port that was free a moment ago.
int FreePort();

}  // namespace orewatch::testing
