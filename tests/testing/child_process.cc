#include "tests/testing/child_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace orewatch::testing {
namespace {

constexpr int64_t kBytesOfRusage = 1024;

std::string PathOf(const std::string& program) {
  const char* bin_dir = std::getenv("OREWATCH_BIN_DIR");
  return absl::StrContains(program, '/')
             ? program
             : absl::StrCat(bin_dir == nullptr ? "build/release/bin" : bin_dir, "/", program);
}

// In the child: never returns.
[[noreturn]] void Become(const std::string& path, std::vector<char*>& arguments, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvp(path.c_str(), arguments.data());
  _exit(127);
}

pid_t Fork(bool as_pid_1) {
  if (!as_pid_1) {
    return fork();
  }
  return static_cast<pid_t>(syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const Options& options) {
  const std::string path = PathOf(options.program);
  const std::string log_file = options.log_file.empty() ? "/dev/null" : options.log_file;
  const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  std::vector<std::string> texts = {path};
  texts.insert(texts.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> arguments;
  arguments.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    arguments.push_back(text.data());
  }
  arguments.push_back(nullptr);
  const pid_t pid = Fork(options.as_pid_1);
  if (pid == 0) {
    Become(path, arguments, log);
  }
  const int error = errno;
  close(log);
  if (pid < 0) {
    return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", path));
  }
  return ChildProcess(pid);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), peak_memory_bytes_(other.peak_memory_bytes_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    Kill();
    pid_ = std::exchange(other.pid_, -1);
    peak_memory_bytes_ = other.peak_memory_bytes_;
  }
  return *this;
}

ChildProcess::~ChildProcess() { Kill(); }

void ChildProcess::Signal(int signal) const {
  if (pid_ > 0) {
    kill(pid_, signal);
  }
}

std::optional<int> ChildProcess::Wait(absl::Duration patience) {
  const absl::Time give_up = absl::Now() + patience;
  for (;;) {
    int status = 0;
    rusage used{};
    const pid_t reaped = wait4(pid_, &status, WNOHANG, &used);
    if (reaped == pid_) {
      pid_ = -1;
      peak_memory_bytes_ = used.ru_maxrss * kBytesOfRusage;
      return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    if (reaped < 0 || absl::Now() > give_up) {
      return std::nullopt;
    }
    usleep(1000);  // There is no wait for a child with a timeout.
  }
}

void ChildProcess::Kill() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
}

bool ChildProcess::running() { return pid_ > 0 && !Wait(absl::ZeroDuration()).has_value(); }

Finished RunToEnd(const ChildProcess::Options& options, absl::Duration patience) {
  const TempDir dir;
  ChildProcess::Options logged = options;
  logged.log_file = dir / "output";
  auto child = ChildProcess::Start(logged);
  if (!child.ok()) {
    ADD_FAILURE() << child.status();
    return {-1, "", 0};
  }
  const std::optional<int> code = child->Wait(patience);
  EXPECT_TRUE(code.has_value()) << options.program << " did not end";
  std::ifstream file(logged.log_file, std::ios::binary);
  return {code.value_or(-1),
          {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()},
          child->peak_memory_bytes()};
}

int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = bind(listener, generic, size) == 0 && getsockname(listener, generic, &size) == 0;
  close(listener);
  EXPECT_TRUE(bound);
  return ntohs(address.sin_port);
}

}  // namespace orewatch::testing
