// The thread on which history is recorded.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/exec/sleeper.h"
#include "services/risk/engine/history_writer.h"

namespace orewatch::risk {

// What there is to see of it.
struct RecorderState {
  bool leading = false;
  // Of the history as a whole, whoever records it.
  HistoryPosition position;
  // Of what has just been tried.
  absl::Status status;
};

// Thread-safe. Tries until it is stopped: what cannot be recorded now is, together with what follows, later.
class HistoryRecorder {
 public:
  // Snapshots that wait; the newest takes in the one before when there are more.
  static constexpr size_t kMaxWaiting = 64;

  struct Options {
    // How often it looks for the lease, for what others have recorded, and again after a failure.
    absl::Duration poll = absl::Milliseconds(500);
  };

  // `current` gives the newest snapshot. `observe` runs on the recorder's thread, now and then and whenever something
  // was recorded. The writer is used by that thread alone from here on.
  HistoryRecorder(HistoryWriter& writer, Options options, std::function<std::optional<Snapshot>()> current,
                  std::function<void(const RecorderState&)> observe);
  ~HistoryRecorder() { Stop(); }

  // Never blocks for long.
  void Offer(Snapshot snapshot);
  // Gives the lease up. Idempotent.
  void Stop();

 private:
  void RunUntilStopped();
  void Keep(Snapshot snapshot);
  // True if what is offered next may be recorded at once; else it waits for the next poll.
  bool Step();
  absl::Status RecordNext();
  std::optional<Snapshot> Next(bool& more);
  void Drop();
  // Not each failure, but where they begin and end.
  void LogTurn(const absl::Status& status);

  HistoryWriter& writer_;
  const Options options_;
  const std::function<std::optional<Snapshot>()> current_;
  const std::function<void(const RecorderState&)> observe_;
  // Used by the thread alone.
  bool failing_ = false;
  absl::Mutex mutex_;
  std::deque<Snapshot> waiting_ ABSL_GUARDED_BY(mutex_);
  Sleeper sleeper_;
  // Last: uses the rest.
  std::thread thread_;
};

}  // namespace orewatch::risk
