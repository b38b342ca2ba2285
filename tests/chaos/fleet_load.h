// Callers of every service at once, each of whom notes every call that failed.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "tests/chaos/fleet.h"

namespace orewatch::testing {

class AlertFollower;

// What replicas of another release do wrong, and are known to.
struct KnownFaults {
  // Where that release is; of nobody else anything is taken.
  std::string bin_dir;
  // `alert watcher: OUT_OF_RANGE SEQUENCE_AHEAD`
  std::vector<std::string> faults;
};

// Reads and writes through channels with the documented service config, repeating nothing by themselves, and streams
// that go on from where they were. Thread-safe.
class FleetLoad {
 public:
  // The fleet outlives it.
  explicit FleetLoad(const Fleet& fleet, KnownFaults known = {});
  ~FleetLoad();

  // Until every caller has made some more calls. False if that takes too long.
  bool AwaitProgress();
  void Stop();
  // Complete once stopped.
  int64_t calls() const;
  // What should not have happened: a unary call that failed, a stream that ended otherwise than by a drain, a revision
  // that came twice or never.
  std::vector<std::string> failures() const;
  // Calls that another release failed as it is known to do. They are in neither of the others.
  int64_t known_failures() const { return known_failures_.load(); }

 private:
  struct Caller {
    std::string name;
    std::atomic<int64_t> calls{0};
    std::thread thread;
  };
  using Work = std::function<absl::Status()>;

  // Does it over and over.
  void Add(const std::string& name, Work work);
  void Fail(const std::string& who, const absl::Status& status);
  bool IsKnown(const std::string& who, const absl::Status& status) const;
  void AddReaders(const Fleet& fleet);
  void AddWriter(const Fleet& fleet);
  void AddWatcher(const Fleet& fleet);
  // Somebody acknowledges an alert again and again, and somebody else sees each time once.
  void AddAcknowledger(const Fleet& fleet);
  void AwaitAcknowledgements();

  const Fleet& fleet_;
  const KnownFaults known_;
  std::atomic<bool> stopped_{false};
  std::atomic<int64_t> known_failures_{0};
  std::atomic<int64_t> acknowledged_{0};
  std::shared_ptr<AlertFollower> alert_follower_;
  std::vector<std::unique_ptr<Caller>> callers_;
  mutable absl::Mutex mutex_;
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::testing
