// Preloaded into a process: its clock for the date is off by as many nanoseconds as the file SHIFTED_CLOCK says at the
// moment. Its other clocks are right, and it waits as long as it means to, as where the clock of the machine is wrong.

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr int64_t kSecond = 1000000000;

int64_t Shift() {
  static const auto* shared = [] {
    static std::atomic<int64_t> none = 0;
    const char* name = getenv("SHIFTED_CLOCK");
    const int file = name == nullptr ? -1 : open(name, O_RDONLY | O_CLOEXEC);
    void* mapped = file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    return mapped == MAP_FAILED ? &none : static_cast<std::atomic<int64_t>*>(mapped);
  }();
  return shared->load(std::memory_order_relaxed);
}

timespec Shifted(const timespec& time, int64_t by) {
  const int64_t all = time.tv_sec * kSecond + time.tv_nsec + by;
  return {.tv_sec = all / kSecond, .tv_nsec = all % kSecond};
}

timespec Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static auto* const next = Next<int(clockid_t, timespec*)>("clock_gettime");
  const int result = next(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    *time = Shifted(*time, Shift());
  }
  return result;
}

int gettimeofday(timeval* time, void*) noexcept {
  const timespec now = Now();
  *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* time) noexcept {
  const timespec now = Now();
  if (time != nullptr) {
    *time = now.tv_sec;
  }
  return now.tv_sec;
}

// The kernel knows the right time only: ends of waits are told to it by that.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* end) {
  static auto* const next =
      Next<int(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)>("pthread_cond_clockwait");
  const timespec right = Shifted(*end, -Shift());
  return next(condition, mutex, CLOCK_REALTIME, &right);
}

// Locks and conditions of absl wait by this.
long syscall(long number, ...) noexcept {
  static auto* const next = Next<long(long, ...)>("syscall");
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) {
    argument = va_arg(list, long);
  }
  va_end(list);
  timespec right{};
  const auto* end = reinterpret_cast<const timespec*>(arguments[3]);
  if (number == SYS_futex && (arguments[1] & FUTEX_CLOCK_REALTIME) != 0 && end != nullptr) {
    right = Shifted(*end, -Shift());
    arguments[3] = reinterpret_cast<long>(&right);
  }
  return next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}
}
