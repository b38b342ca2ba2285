#include "common/rpc/listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/config/checks.h"
#include "common/log/log.h"
#include "common/rpc/rpc_metrics.h"
#include "common/status/status.h"
#include "common/time/steady.h"
#include "grpcpp/server_builder.h"

namespace orewatch::rpc {
namespace {

// The kernel takes the lesser of it and net.core.somaxconn.
constexpr int kBacklog = 4096;
constexpr absl::Duration kLookEvery = absl::Milliseconds(100);
// Between two looks: less is no flood.
constexpr uint64_t kBytesOfAFlood = uint64_t{16} * 1024;
// Between two looks when there is no place.
constexpr absl::Duration kLookAgainAfter = absl::Milliseconds(100);
constexpr absl::Duration kPauseWithoutDescriptors = absl::Milliseconds(100);
constexpr int kManyConnections = 1'000'000;

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

absl::Status Unavailable(const std::string& address, const std::string& why) {
  return MakeError(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE",
                   absl::StrCat("cannot listen on ", address, ": ", why));
}

// The limit of the process becomes as high as it may be: one that is low by default is for programs that use select().
int ConnectionsThatFit(int wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return wanted;
  }
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const auto fit = static_cast<int>(std::min<rlim_t>(limit.rlim_cur / 4 * 3, kManyConnections));
  if (fit < wanted) {
    log::Warning("fewer connections than asked for: the limit of open files allows no more",
                 {{"asked", wanted}, {"connections", fit}});
  }
  return std::min(wanted, fit);
}

bool IsEverywhere(const std::string& host) { return host == "0.0.0.0" || host == "[::]" || host == "*"; }

int PortOf(int descriptor) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                           : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
}

void SetPort(sockaddr* address, int port) {
  const auto network_port = htons(static_cast<uint16_t>(port));
  if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = network_port;
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = network_port;
  }
}

void SetOption(int descriptor, int level, int name, int value) {
  setsockopt(descriptor, level, name, &value, sizeof(value));
}

// A listening socket, or -1 and errno.
int ListenOn(const sockaddr* address, socklen_t size, bool both_families) {
  const int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return -1;
  }
  // Not SO_REUSEPORT: two processes that share a port share its calls, silently.
  SetOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  if (address->sa_family == AF_INET6) {
    SetOption(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, both_families ? 0 : 1);
  }
  if (address->sa_family != AF_UNIX) {
    // Accepted sockets inherit it.
    SetOption(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  }
  if (bind(descriptor, address, size) != 0 || listen(descriptor, kBacklog) != 0) {
    const int error = errno;
    close(descriptor);
    errno = error;
    return -1;
  }
  return descriptor;
}

int ListenEverywhere(int port) {
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_addr = in6addr_any;
  SetPort(reinterpret_cast<sockaddr*>(&any), port);
  const int both = ListenOn(reinterpret_cast<sockaddr*>(&any), sizeof(any), /*both_families=*/true);
  if (both >= 0 || errno == EADDRINUSE || errno == EACCES) {
    return both;
  }
  sockaddr_in any4{};
  any4.sin_family = AF_INET;
  SetPort(reinterpret_cast<sockaddr*>(&any4), port);
  return ListenOn(reinterpret_cast<sockaddr*>(&any4), sizeof(any4), /*both_families=*/false);
}

bool IsOfThisProcess(int connection) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == getpid();
}

}  // namespace

ConnectionMetrics::ConnectionMetrics(prometheus::Registry& registry)
    : open_(&prometheus::BuildGauge()
                 .Name("orewatch_grpc_connections")
                 .Help("Connections on the gRPC port, looked at ten times a second.")
                 .Register(registry)
                 .Add({})),
      limit_(&prometheus::BuildGauge()
                  .Name("orewatch_grpc_connections_limit")
                  .Help("Connections from which on more are refused.")
                  .Register(registry)
                  .Add({})),
      accepted_(&prometheus::BuildCounter()
                     .Name("orewatch_grpc_connections_accepted_total")
                     .Help("Connections that were let in.")
                     .Register(registry)
                     .Add({})),
      refused_(&prometheus::BuildCounter()
                    .Name("orewatch_grpc_connections_refused_total")
                    .Help("Connections that were closed at once, because there were too many.")
                    .Register(registry)
                    .Add({})),
      rejected_(&RejectedConnections(registry)),
      cut_(&prometheus::BuildCounter()
                .Name("orewatch_grpc_connections_cut_total")
                .Help("Connections that were cut off, because more had arrived on them than calls took.")
                .Register(registry)
                .Add({})),
      unhandled_bytes_(&prometheus::BuildGauge()
                            .Name("orewatch_grpc_unhandled_bytes")
                            .Help("What has arrived on all connections and no call has taken yet.")
                            .Register(registry)
                            .Add({})) {}

void ConnectionMetrics::CountRefused() {
  refused_->Increment();
  rejected_->Increment();
}

Listener::Listener(const TransportLimits& limits, Intake* intake, ConnectionMetrics& metrics)
    : limits_(limits), intake_(intake), metrics_(metrics), closing_(eventfd(0, EFD_CLOEXEC)) {}

Listener::~Listener() { Close(); }

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(const std::string& address, const TransportLimits& limits,
                                                         Intake& intake, ConnectionMetrics& metrics) {
  TransportLimits fitting = limits;
  fitting.max_connections = ConnectionsThatFit(limits.max_connections);
  std::unique_ptr<Listener> listener(new Listener(fitting, &intake, metrics));
  OREWATCH_RETURN_IF_ERROR(listener->BindAll(address));
  metrics.limit().Set(fitting.max_connections);
  return listener;
}

absl::Status Listener::BindAll(const std::string& address) {
  OREWATCH_ASSIGN_OR_RETURN(const config::HostPort parsed, config::ParseHostPort("address", address));
  port_ = parsed.port;
  if (IsEverywhere(parsed.host)) {
    listening_.push_back(ListenEverywhere(port_));
    if (listening_.back() < 0) {
      listening_.pop_back();
      return Unavailable(address, std::strerror(errno));
    }
    port_ = PortOf(listening_.back());
    return absl::OkStatus();
  }
  const std::string host(absl::StripSuffix(absl::StripPrefix(parsed.host, "["), "]"));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return Unavailable(address, gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
  int error = 0;
  for (addrinfo* each = found; each != nullptr; each = each->ai_next) {
    SetPort(each->ai_addr, port_);
    if (const int descriptor = ListenOn(each->ai_addr, each->ai_addrlen, /*both_families=*/false); descriptor >= 0) {
      listening_.push_back(descriptor);
      port_ = PortOf(descriptor);
    } else if (error = errno; error != EADDRNOTAVAIL && error != EAFNOSUPPORT) {
      return Unavailable(address, std::strerror(error));
    }
  }
  // A name may have an address of a family that this machine has not.
  return listening_.empty() ? Unavailable(address, std::strerror(error)) : absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::BindForThisProcess(ConnectionMetrics& metrics) {
  std::unique_ptr<Listener> listener(new Listener({}, nullptr, metrics));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  // The kernel finds a free name in the abstract namespace.
  const int descriptor = ListenOn(reinterpret_cast<sockaddr*>(&name), sizeof(name.sun_family), /*both_families=*/false);
  if (descriptor < 0) {
    return Unavailable("a socket for this process", std::strerror(errno));
  }
  listener->listening_.push_back(descriptor);
  socklen_t size = sizeof(name);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size);
  const size_t length = size - offsetof(sockaddr_un, sun_path) - 1;
  listener->target_ = absl::StrCat("unix-abstract:", std::string(name.sun_path + 1, length));
  return listener;
}

void Listener::Start(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor) {
  acceptor_ = std::move(acceptor);
  if (intake_ != nullptr) {
    streams_ = std::make_unique<StreamCounts>();
  }
  thread_ = std::thread([this] { AcceptUntilClosed(); });
}

void Listener::Close() {
  if (closing_ < 0) {
    return;
  }
  eventfd_write(closing_, 1);
  if (thread_.joinable()) {
    thread_.join();
  }
  for (const int descriptor : listening_) {
    close(descriptor);
  }
  close(std::exchange(closing_, -1));
}

void Listener::AcceptUntilClosed() {
  std::vector<pollfd> polled{{closing_, POLLIN, 0}};
  for (const int descriptor : listening_) {
    polled.push_back({descriptor, POLLIN, 0});
  }
  // Nobody counts the own connections.
  const int patience = intake_ == nullptr ? -1 : Milliseconds(kLookEvery);
  while (true) {
    poll(polled.data(), polled.size(), patience);
    if (polled.front().revents != 0) {
      return;
    }
    bool descriptors_left = true;
    for (size_t i = 1; i < polled.size(); ++i) {
      descriptors_left = (polled[i].revents == 0 || AcceptFrom(polled[i].fd)) && descriptors_left;
    }
    if (const absl::Time now = SteadyNow(); intake_ != nullptr && now - looked_ >= kLookEvery) {
      Look(now);
    }
    if (!descriptors_left) {
      metrics_.CountRefused();
      poll(polled.data(), 1, Milliseconds(kPauseWithoutDescriptors));
    }
  }
}

bool Listener::AcceptFrom(int listening) {
  while (true) {
    sockaddr_storage peer{};
    socklen_t size = sizeof(peer);
    auto* const address = reinterpret_cast<sockaddr*>(&peer);
    const int connection = accept4(listening, address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) {
      return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    }
    if (!MayStay(connection, address)) {
      close(connection);
      continue;
    }
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters handed;
    handed.listener_fd = listening;
    handed.fd = connection;
    acceptor_->HandleNewConnection(&handed);
  }
}

bool Listener::MayStay(int connection, const sockaddr* peer) {
  if (intake_ == nullptr) {
    return IsOfThisProcess(connection);
  }
  const absl::StatusOr<Identity> identity = IdentityOf(connection);
  const auto most = static_cast<size_t>(limits_.max_connections);
  if (const absl::Time now = SteadyNow(); connections_.size() >= most && now - looked_ >= kLookAgainAfter) {
    Look(now);
  }
  if (!identity.ok() || connections_.size() >= most) {
    metrics_.CountRefused();
    return false;
  }
  metrics_.accepted().Increment();
  connections_.insert_or_assign(connection, Connection{*identity, PeerName(peer)});
  return true;
}

void Listener::Look(absl::Time now) {
  looked_ = now;
  Forget();
  Weigh();
}

void Listener::Forget() {
  absl::erase_if(connections_, [this](const auto& connection) {
    const absl::StatusOr<Identity> identity = IdentityOf(connection.first);
    const bool gone = !identity.ok() || !(*identity == connection.second.identity);
    if (gone) {
      streams_->Forget(connection.second.peer);
    }
    return gone;
  });
  metrics_.open().Set(static_cast<double>(connections_.size()));
}

void Listener::Weigh() {
  const Intake::Taken taken = intake_->TakeAll();
  uint64_t total = 0;
  for (auto& [descriptor, connection] : connections_) {
    const uint64_t received = BytesReceived(descriptor).value_or(connection.received);
    const uint64_t fresh = received - std::exchange(connection.received, received);
    const auto found = taken.find(connection.peer);
    const Intake::Share share = found == taken.end() ? Intake::Share() : found->second;
    connection.ended += share.ended;
    connection.unhandled += fresh;
    // What was taken beyond it is no credit for later.
    connection.unhandled -= std::min(connection.unhandled, share.bytes);
    if (fresh >= kBytesOfAFlood && Floods(connection)) {
      Cut(descriptor, "it opens calls and gives them up");
    }
    total += connection.unhandled;
  }
  metrics_.unhandled_bytes().Set(static_cast<double>(total));
  if (total > limits_.max_buffered_bytes) {
    Relieve();
  }
}

void Listener::Relieve() {
  uint64_t total = 0;
  std::vector<std::pair<uint64_t, int>> heaviest;
  for (auto& [descriptor, connection] : connections_) {
    if (connection.unhandled > kBytesOfAFlood) {
      Forgive(connection);
    }
    total += connection.unhandled;
    heaviest.emplace_back(connection.unhandled, descriptor);
  }
  std::sort(heaviest.rbegin(), heaviest.rend());
  for (const auto& [unhandled, descriptor] : heaviest) {
    if (total <= limits_.max_buffered_bytes) {
      return;
    }
    total -= unhandled;
    Cut(descriptor, "more has arrived than calls take");
  }
}

void Listener::Forgive(Connection& connection) {
  // As much as a stream may have under way when it ends.
  constexpr uint64_t kWindowOfAStream = uint64_t{16} * 1024 * 1024;
  const int64_t ended = streams_->Of(connection.peer).value_or(StreamCounts::Counts()).ended;
  const int64_t unseen = std::max<int64_t>(0, ended - connection.ended - connection.forgiven);
  connection.forgiven += unseen;
  connection.unhandled -= std::min(connection.unhandled, static_cast<uint64_t>(unseen) * kWindowOfAStream);
}

bool Listener::Floods(const Connection& connection) {
  const int64_t opened = streams_->Of(connection.peer).value_or(StreamCounts::Counts()).opened;
  return opened - connection.ended > int64_t{2} * limits_.max_concurrent_streams;
}

void Listener::Cut(int descriptor, const char* why) {
  Connection& connection = connections_[descriptor];
  log::Warning("connection cut off",
               {{"why", why}, {"peer", connection.peer}, {"bytes", static_cast<int64_t>(connection.unhandled)}});
  metrics_.cut().Increment();
  connection.unhandled = 0;
  // What waits in the kernel goes too, which shutdown() would leave to be read. gRPC finds the connection broken.
  const sockaddr nowhere{AF_UNSPEC, {}};
  // gRPC may have closed it meanwhile, and its number be another's: held, it stays what it is found to be.
  const int held = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (held < 0) {
    return;
  }
  if (const absl::StatusOr<Identity> identity = IdentityOf(held); identity.ok() && *identity == connection.identity) {
    (void)connect(held, &nowhere, sizeof(nowhere));
  }
  close(held);
}

absl::StatusOr<Listener::Identity> Listener::IdentityOf(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) {
    return absl::NotFoundError("no such descriptor");
  }
  return Identity{status.st_dev, status.st_ino};
}

}  // namespace orewatch::rpc
