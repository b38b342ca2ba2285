// Tells ThreadSanitizer what Debian's absl, which is not instrumented, orders between threads: without it every value
// that an absl::Mutex guards looks like a race. Linked into every program of a build with the thread sanitizer.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

namespace {

// The function of that name behind ours.
template <typename Function>
Function* Real(const char* symbol) {
  void* found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    std::fprintf(stderr, "no %s in absl: another version than cmake/tsan/absl_sync.cc knows\n", symbol);
    std::abort();
  }
  return reinterpret_cast<Function*>(found);
}

void Acquired(const void* lock) { __tsan_acquire(const_cast<void*>(lock)); }
void Released(const void* lock) { __tsan_release(const_cast<void*>(lock)); }

}  // namespace

// As the linker sees absl's own.
#define OREWATCH_REAL(symbol, ...)                     \
  static auto* const real = Real<__VA_ARGS__>(symbol); \
  static_assert(true)

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  OREWATCH_REAL("_ZN4absl7debian35Mutex4LockEv", void(Mutex*));
  real(this);
  Acquired(this);
}

void Mutex::Unlock() {
  OREWATCH_REAL("_ZN4absl7debian35Mutex6UnlockEv", void(Mutex*));
  Released(this);
  real(this);
}

bool Mutex::TryLock() {
  OREWATCH_REAL("_ZN4absl7debian35Mutex7TryLockEv", bool(Mutex*));
  const bool locked = real(this);
  if (locked) {
    Acquired(this);
  }
  return locked;
}

void Mutex::ReaderLock() {
  OREWATCH_REAL("_ZN4absl7debian35Mutex10ReaderLockEv", void(Mutex*));
  real(this);
  Acquired(this);
}

void Mutex::ReaderUnlock() {
  OREWATCH_REAL("_ZN4absl7debian35Mutex12ReaderUnlockEv", void(Mutex*));
  Released(this);
  real(this);
}

void Mutex::LockWhen(const Condition& condition) {
  OREWATCH_REAL("_ZN4absl7debian35Mutex8LockWhenERKNS0_9ConditionE", void(Mutex*, const Condition&));
  real(this, condition);
  Acquired(this);
}

void Mutex::Await(const Condition& condition) {
  OREWATCH_REAL("_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE", void(Mutex*, const Condition&));
  Released(this);
  real(this, condition);
  Acquired(this);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  OREWATCH_REAL("_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE",
                bool(Mutex*, const Condition&, Duration));
  Released(this);
  const bool met = real(this, condition, timeout);
  Acquired(this);
  return met;
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  OREWATCH_REAL("_ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE",
                bool(Mutex*, const Condition&, Time));
  Released(this);
  const bool met = real(this, condition, deadline);
  Acquired(this);
  return met;
}

void CondVar::Wait(Mutex* mutex) {
  OREWATCH_REAL("_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE", void(CondVar*, Mutex*));
  Released(mutex);
  real(this, mutex);
  Acquired(mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  OREWATCH_REAL("_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE",
                bool(CondVar*, Mutex*, Duration));
  Released(mutex);
  const bool timed_out = real(this, mutex, timeout);
  Acquired(mutex);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  OREWATCH_REAL("_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE", bool(CondVar*, Mutex*, Time));
  Released(mutex);
  const bool timed_out = real(this, mutex, deadline);
  Acquired(mutex);
  return timed_out;
}

void Notification::Notify() {
  OREWATCH_REAL("_ZN4absl7debian312Notification6NotifyEv", void(Notification*));
  Released(this);
  real(this);
}

void Notification::WaitForNotification() const {
  OREWATCH_REAL("_ZNK4absl7debian312Notification19WaitForNotificationEv", void(const Notification*));
  real(this);
  Acquired(this);
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  OREWATCH_REAL("_ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE",
                bool(const Notification*, Duration));
  const bool notified = real(this, timeout);
  if (notified) {
    Acquired(this);
  }
  return notified;
}

ABSL_NAMESPACE_END
}  // namespace absl
