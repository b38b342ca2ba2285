// Lines on their way to a descriptor: who logs waits for nobody, whoever reads them or does not.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace spdlog {
class async_logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace orewatch::log {

// Thread-safe. One thread writes the lines in their order. Of those that would be more than may wait, the oldest are
// dropped: what is said last is what is missed most. Never destroyed, because that thread may stand in a write that
// does not end.
class LineWriter {
 public:
  struct Options {
    int descriptor = 2;
    // Bounds what they take in memory as well, since log::Write bounds a line.
    size_t max_waiting = 4096;
    // The line that stands for so many that were dropped.
    std::function<std::string(int64_t)> drop_note;
  };
  static LineWriter& Start(Options options);
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  void Post(absl::string_view line);
  // Waits until everything that was posted before is written or dropped; false if that takes longer. Safe in a handler
  // of signals.
  bool Flush(absl::Duration patience) const;
  // How many were never written.
  int64_t dropped() const;

 private:
  class Sink;
  explicit LineWriter(Options options);
  ~LineWriter() = default;
  void Write(absl::string_view line);
  bool WriteAll(absl::string_view text) const;

  const Options options_;
  // Lines in all, and how many of them are done with.
  std::atomic<int64_t> posted_{0};
  std::atomic<int64_t> done_{0};
  // As the writing thread last knew: of the queue's count.
  std::atomic<int64_t> overrun_{0};
  // Those that the descriptor would not take.
  std::atomic<int64_t> failed_{0};
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace orewatch::log
