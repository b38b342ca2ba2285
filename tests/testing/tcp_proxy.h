// Stands between client and server, and breaks their connection at a chosen moment.
#pragma once

#include <list>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace orewatch::testing {

// Forwards bytes between its own port and another of 127.0.0.1. Thread-safe.
class TcpProxy {
 public:
  explicit TcpProxy(int server_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }
  // The next time that a client (server) sends `text`, the bytes with it are dropped and both ends closed. Once.
  void CutAtQuestion(const std::string& text) { Arm(text, /*question=*/true); }
  void CutAtAnswer(const std::string& text) { Arm(text, /*question=*/false); }
  // Whether that has happened.
  bool cut() const;
  // From here on nothing comes through, in open connections and new ones, and nobody is told; until Heal, which ends
  // those connections.
  void Partition() { SetPartitioned(true); }
  void Heal() { SetPartitioned(false); }

 private:
  // One direction of one connection.
  struct Flow {
    int from;
    int to;
    bool question;
    // The last bytes that were forwarded, since a text may come in two pieces.
    std::string tail;
  };

  void Arm(const std::string& text, bool question);
  void SetPartitioned(bool partitioned);
  // Closes what was open during a partition that is over. True while there is one.
  bool IsPartitioned();
  bool IsStopped() const;
  void ForwardUntilStopped();
  void Accept();
  // False when the connection has ended, or is to be cut.
  bool Forward(Flow& flow);
  bool IsToBeCut(Flow& flow, absl::string_view bytes);
  // Both directions.
  void Close(const Flow& flow);

  const int server_port_;
  int listener_ = -1;
  int port_ = 0;
  // Readable when there is news for the thread.
  const int wake_fd_;
  std::list<Flow> flows_;
  mutable absl::Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
  bool at_question_ ABSL_GUARDED_BY(mutex_) = false;
  bool armed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool partitioned_ ABSL_GUARDED_BY(mutex_) = false;
  bool healed_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace orewatch::testing
