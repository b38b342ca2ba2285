// Hears what other processes tell through PostgreSQL, and looks for itself now and then in case it did not.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/storage/postgres.h"

namespace orewatch::storage {

// Keeps one connection in a thread of its own, and opens another when it breaks. The callbacks run in that thread.
class PostgresListener {
 public:
  struct Options {
    PostgresOptions connection;
    std::string channel;
    // Between two looks, and between two attempts to connect.
    absl::Duration poll = absl::Seconds(1);
    // A look, after connecting and listening: nothing that happened before it is heard, everything after it is. An
    // error makes the listener connect again.
    std::function<absl::Status(Postgres&)> connected;
    // A look on the same connection.
    std::function<absl::Status(Postgres&)> look;
    // False: it does not fit what is known, so that the listener connects again at once.
    std::function<bool(const std::string& payload)> heard;
    // After each look that went well; unset: nobody asks.
    std::function<void()> answered = nullptr;
  };

  explicit PostgresListener(Options options);
  // Stops the thread; waits for a callback that runs.
  ~PostgresListener();
  PostgresListener(const PostgresListener&) = delete;
  PostgresListener& operator=(const PostgresListener&) = delete;

 private:
  void ListenUntilStopped();
  absl::Status ListenOnce();
  void NoteAnswer() const;
  absl::Status FollowUntilStopped(Postgres& connection);
  // True when the listener is to stop.
  bool Wait(absl::Duration duration) const;

  const Options options_;
  // Readable once the listener is to stop; an eventfd.
  const int stop_fd_;
  std::thread thread_;
};

}  // namespace orewatch::storage
