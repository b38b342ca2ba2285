// The connections of a small HTTP server. One thread reads requests and sends answers, so that a connection that says
// nothing, or takes no answer, holds no thread of those that make them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/exec/executor.h"

struct pollfd;

namespace orewatch::http {

// Knows no more of HTTP than where the head of a request ends. Every connection ends after one answer.
class RequestLoop {
 public:
  struct Options {
    // Beyond them whoever has kept us waiting longest is closed for each that comes.
    size_t max_connections = 500;
    size_t max_head_bytes = size_t{16} * 1024;
    // For a request to come, for its answer to be taken, and for the other side to close.
    absl::Duration patience = absl::Seconds(2);
    int threads = 4;
    // Of answers that are not urgent; who comes beyond them is closed.
    size_t max_waiting = 64;
  };
  struct Request {
    // The head, and what of a body came with it.
    std::string text;
    std::string peer_address;
    int peer_port = 0;
  };
  struct Handlers {
    // Makes the whole answer. Called on several threads.
    std::function<std::string(const Request&)> answer;
    // Whether it has a thread for its like: of answers that take no time.
    std::function<bool(absl::string_view text)> urgent;
  };

  // Serves until destroyed. `host` is a name or an address, IPv6 also in brackets; port 0 takes a free one. UNAVAILABLE
  // if it cannot be bound.
  static absl::StatusOr<std::unique_ptr<RequestLoop>> Start(const std::string& host, int port, const Options& options,
                                                            Handlers handlers);
  ~RequestLoop();
  int port() const { return port_; }

 private:
  enum class State { kReading, kAnswering, kSending, kClosing };
  struct Connection {
    int64_t id;
    int descriptor;
    State state;
    absl::Time deadline;
    Request request;
    std::string answer;
    size_t sent = 0;
  };
  using Connections = std::list<Connection>;

  RequestLoop(const Options& options, Handlers handlers);
  absl::Status Bind(const std::string& host, int port);
  void Serve();
  std::vector<pollfd> Watched() const;
  int UntilNextDeadline(absl::Time now) const;
  void Accept(absl::Time now);
  void MakeRoom();
  // Each returns false if the connection is done with.
  bool Proceed(Connection& connection, absl::Time now);
  bool Read(Connection& connection, absl::Time now);
  bool Send(Connection& connection, absl::Time now);
  bool HaveAnswered(Connection& connection);
  void TakeAnswers(absl::Time now);
  Connections::iterator Close(Connections::iterator connection);

  const Options options_;
  const Handlers handlers_;
  int port_ = 0;
  int listening_ = -1;
  // Readable when an answer is ready, or the end is near.
  int wake_ = -1;
  std::atomic<bool> ending_{false};
  // Of the thread alone, the oldest first.
  Connections connections_;
  int64_t next_id_ = 0;
  // No descriptor was left for who comes.
  bool crowded_ = false;
  absl::Mutex mutex_;
  std::vector<std::pair<int64_t, std::string>> answers_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
  std::optional<Executor> urgent_;
  std::optional<Executor> others_;
};

}  // namespace orewatch::http
