// Accepts the connections of a gRPC server. gRPC's own listener knows no limit: when descriptors run out it stops
// listening for good.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/intake.h"
#include "common/rpc/stream_counts.h"
#include "common/rpc/transport.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace grpc::experimental {
class ExternalConnectionAcceptor;
}

namespace orewatch::rpc {

// The registry outlives it.
class ConnectionMetrics {
 public:
  explicit ConnectionMetrics(prometheus::Registry& registry);
  // On the public port.
  prometheus::Gauge& open() { return *open_; }
  prometheus::Gauge& limit() { return *limit_; }
  prometheus::Counter& accepted() { return *accepted_; }
  // At the limit, or where there were no descriptors left.
  const prometheus::Counter& refused() const { return *refused_; }
  void CountRefused();
  // Those on which more had arrived than calls took, or more calls had begun than ended.
  prometheus::Counter& cut() { return *cut_; }
  prometheus::Gauge& unhandled_bytes() { return *unhandled_bytes_; }

 private:
  prometheus::Gauge* open_;
  prometheus::Gauge* limit_;
  prometheus::Counter* accepted_;
  prometheus::Counter* refused_;
  prometheus::Counter* rejected_;
  prometheus::Counter* cut_;
  prometheus::Gauge* unhandled_bytes_;
};

// Thread-compatible. Metrics and intake outlive it.
class Listener {
 public:
  // Every address that `host:port` means; port 0 takes a free one. UNAVAILABLE if one is taken or not permitted.
  // Holds at most `limits.max_connections`, and no more than leaves other files a quarter of the descriptors. Cuts off
  // who has opened twice `limits.max_concurrent_streams` that have not ended; and while more than
  // `limits.max_buffered_bytes` have arrived and not been taken, whom most of them are from.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const std::string& address, const TransportLimits& limits,
                                                        Intake& intake, ConnectionMetrics& metrics);
  // A socket without a place in any file system, on which processes other than this one are turned away.
  static absl::StatusOr<std::unique_ptr<Listener>> BindForThisProcess(ConnectionMetrics& metrics);
  ~Listener();

  int port() const { return port_; }
  // How gRPC names the socket for this process.
  const std::string& target() const { return target_; }

  // From now on connections are handed to the server of the acceptor, which is running.
  void Start(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor);
  // New connections are refused; those that were handed over go on. Idempotent.
  void Close();

 private:
  // A socket is known by its place in the kernel: its descriptor is soon another's.
  struct Identity {
    dev_t device;
    ino_t inode;
    bool operator==(const Identity& other) const { return device == other.device && inode == other.inode; }
  };
  struct Connection {
    Identity identity;
    std::string peer;
    uint64_t received = 0;
    // Of these, what no call has taken.
    uint64_t unhandled = 0;
    // Calls.
    int64_t ended = 0;
    // Streams that ended before a call of ours began, and count no longer.
    int64_t forgiven = 0;
  };
  // Without an intake: for this process alone.
  Listener(const TransportLimits& limits, Intake* intake, ConnectionMetrics& metrics);
  absl::Status BindAll(const std::string& address);
  void AcceptUntilClosed();
  // All that wait on this socket; false if the system has no descriptor for one.
  bool AcceptFrom(int listening);
  bool MayStay(int connection, const sockaddr* peer);
  void Look(absl::Time now);
  void Forget();
  void Weigh();
  // Once more has arrived than may wait.
  void Relieve();
  // What came of streams that gRPC itself has ended, as for a message that is too large, is gone with them.
  void Forgive(Connection& connection);
  // Whether calls are open by the thousand that the peer has given up.
  bool Floods(const Connection& connection);
  void Cut(int descriptor, const char* why);
  static absl::StatusOr<Identity> IdentityOf(int descriptor);

  const TransportLimits limits_;
  Intake* const intake_;
  ConnectionMetrics& metrics_;
  int port_ = 0;
  std::string target_;
  std::vector<int> listening_;
  // Readable once the end is near.
  int closing_ = -1;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  // Used by the thread alone. gRPC closes what it was given without a word, so those that are gone are found by
  // looking.
  absl::flat_hash_map<int, Connection> connections_;
  absl::Time looked_ = absl::InfinitePast();
  std::unique_ptr<StreamCounts> streams_;
  std::thread thread_;
};

}  // namespace orewatch::rpc
