// Stands between a client and a server, and does to their connection what networks and broken servers do, or breaks it
// at a chosen moment.
#pragma once

#include <deque>
#include <list>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace orewatch::testing {

// Forwards bytes between its own port and another of 127.0.0.1. Thread-safe.
class TcpProxy {
 public:
  enum class Fault {
    // Everything comes through.
    kNone,
    // Connections are closed as soon as they are made, and those that are open at once.
    kRefuse,
    // Nothing comes through, and nobody is told.
    kHang,
    // Answers come late.
    kDelay,
    // In place of each answer come other bytes.
    kGarbage,
    // Connections are closed where an answer begins.
    kCut,
  };

  explicit TcpProxy(int server_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }
  std::string address() const;
  // From now on. Whatever was held back by the fault before is lost with its connections, as it is after an outage.
  void Set(Fault fault, absl::Duration delay = absl::ZeroDuration());
  // The next time that a client (server) sends `text`, the bytes with it are dropped and both ends closed. Once.
  void CutAtQuestion(const std::string& text) { CutAt(text, /*question=*/true); }
  void CutAtAnswer(const std::string& text) { CutAt(text, /*question=*/false); }
  // Whether that has happened.
  bool cut() const;

 private:
  struct Chunk {
    absl::Time due;
    std::string bytes;
  };
  // One direction of one connection.
  struct Flow {
    int from;
    int to;
    // From the client.
    bool question;
    std::deque<Chunk> held;
    // The last bytes that were looked at, since a text may come in two pieces.
    std::string tail;
  };
  struct Rule {
    Fault fault = Fault::kNone;
    absl::Duration delay;
    // Grows with each change.
    int number = 0;
    bool stopped = false;
  };

  void CutAt(const std::string& text, bool question);
  // Whether the bytes complete the text at which to cut; then it has happened.
  bool IsToBeCut(Flow& flow, absl::string_view bytes);
  Rule rule() const;
  void Run();
  // Until something can be read, is due, or has changed; gives the descriptors that can be read.
  std::list<int> Wait(const Rule& rule);
  void Accept(const Rule& rule);
  // False when the connection has ended, or is to end.
  bool Read(Flow& flow, const Rule& rule);
  bool SendWhatIsDue(Flow& flow);
  // Both directions.
  void Close(const Flow& flow);
  void CloseAll();

  const int server_port_;
  int listener_ = -1;
  int port_ = 0;
  // Readable when the rule has changed.
  const int wake_fd_;
  std::list<Flow> flows_;
  mutable absl::Mutex mutex_;
  Rule rule_ ABSL_GUARDED_BY(mutex_);
  // At which to cut; empty: nowhere.
  std::string text_ ABSL_GUARDED_BY(mutex_);
  bool at_question_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace orewatch::testing
