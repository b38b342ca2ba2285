#include "common/rpc/listener.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <thread>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"
#include "common/testing/metric_value.h"
#include "grpcpp/server_builder.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

// A blocking connection of a caller.
class Caller {
 public:
  explicit Caller(int port) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() { close(descriptor_); }
  bool connected() const { return connected_; }
  // Waits for a byte or the end; true at the end.
  bool Ended() const {
    char byte = 0;
    return recv(descriptor_, &byte, 1, 0) <= 0;
  }
  bool Send(const std::string& bytes) const {
    return send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  // As the listener sees it.
  std::string name() const {
    sockaddr_storage own{};
    socklen_t size = sizeof(own);
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&own), &size);
    return PeerName(reinterpret_cast<const sockaddr*>(&own));
  }
  bool Gets(char expected) const {
    char byte = 0;
    return recv(descriptor_, &byte, 1, 0) == 1 && byte == expected;
  }

 private:
  int descriptor_;
  bool connected_ = false;
};

class ListenerTest : public ::testing::Test {
 protected:
  ~ListenerTest() override {
    listener_.reset();
    for (const int descriptor : kept_) {
      close(descriptor);
    }
  }
  void Listen(const std::string& address, int max_connections) {
    Listen(address, {.max_connections = max_connections});
  }
  void Listen(const std::string& address, const TransportLimits& limits) {
    auto bound = Listener::Bind(address, limits, intake_, metrics_);
    ASSERT_THAT(bound, IsOk());
    listener_ = *std::move(bound);
    listener_->Start(std::make_unique<Greeter>(*this));
  }
  // Greets what it keeps, so that a caller knows that he is in.
  class Greeter final : public grpc::experimental::ExternalConnectionAcceptor {
   public:
    explicit Greeter(ListenerTest& test) : test_(test) {}
    void HandleNewConnection(NewConnectionParameters* handed) override {
      test_.kept_.push_back(handed->fd);
      send(handed->fd, "+", 1, MSG_NOSIGNAL);
    }

   private:
    ListenerTest& test_;
  };

  prometheus::Registry registry_;
  ConnectionMetrics metrics_{registry_};
  Intake intake_;
  // Used by the listener's thread until it is gone, and by a test when a caller has been greeted.
  std::vector<int> kept_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, ListensOnEveryAddressThatAnAddressMeans) {
  for (const char* address : {"127.0.0.1:0", "localhost:0", "0.0.0.0:0", "[::]:0", "*:0"}) {
    Listen(address, 10);
    const Caller caller(listener_->port());
    EXPECT_TRUE(caller.Gets('+')) << address;
  }
}

TEST_F(ListenerTest, AnAddressThatIsTakenOrOfAnotherMachineIsUnavailable) {
  Listen("127.0.0.1:0", 10);
  const std::string taken = absl::StrCat("127.0.0.1:", listener_->port());
  for (const std::string& address : {taken, std::string("192.0.2.1:0"), std::string("no-such-host.invalid:0")}) {
    EXPECT_THAT(Listener::Bind(address, {}, intake_, metrics_),
                HasError(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE"))
        << address;
  }
}

TEST_F(ListenerTest, MoreConnectionsThanTheLimitAreClosedUntilOneEnds) {
  Listen("127.0.0.1:0", 2);
  const Caller first(listener_->port());
  ASSERT_TRUE(first.Gets('+'));
  const Caller second(listener_->port());
  ASSERT_TRUE(second.Gets('+'));
  EXPECT_TRUE(Caller(listener_->port()).Ended());
  EXPECT_GE(metrics_.refused().Value(), 1);
  EXPECT_EQ(testing::MetricValue(registry_, "orewatch_grpc_rejected_total",
                                 {{"reason", "connections"}, {"priority", "unknown"}}),
            metrics_.refused().Value());
  // As gRPC does: without a word to the listener.
  close(kept_.front());
  kept_.erase(kept_.begin());
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  while (!Caller(listener_->port()).Gets('+')) {
    ASSERT_LT(absl::Now(), give_up);
  }
}

TEST_F(ListenerTest, CutsOffWhomMostThatNoCallTookIsFrom) {
  TransportLimits limits;
  limits.max_buffered_bytes = 100'000;
  Listen("127.0.0.1:0", limits);
  Caller modest(listener_->port());
  Caller greedy(listener_->port());
  Caller served(listener_->port());
  for (const Caller* caller : {&modest, &greedy, &served}) {
    ASSERT_TRUE(caller->Gets('+'));
  }
  // As calls would, before it comes.
  ASSERT_TRUE(served.Send(std::string(90'000, 'x')));
  intake_.NoteMessage(served.name(), 90'000);
  ASSERT_TRUE(modest.Send(std::string(30'000, 'x')));
  while (metrics_.unhandled_bytes().Value() < 30'000) {
    std::this_thread::yield();
  }
  EXPECT_LT(metrics_.unhandled_bytes().Value(), 130'000);
  EXPECT_EQ(metrics_.cut().Value(), 0);
  ASSERT_TRUE(greedy.Send(std::string(80'000, 'x')));
  EXPECT_TRUE(greedy.Ended());
  EXPECT_EQ(metrics_.cut().Value(), 1);
  send(kept_.front(), "!", 1, MSG_NOSIGNAL);
  EXPECT_TRUE(modest.Gets('!'));
}

TEST(IntakeTest, APeerIsNamedAsGrpcNamesIt) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(7100);
  inet_pton(AF_INET, "10.0.0.1", &four.sin_addr);
  EXPECT_EQ(PeerName(reinterpret_cast<const sockaddr*>(&four)), "ipv4:10.0.0.1:7100");
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(7100);
  inet_pton(AF_INET6, "::1", &six.sin6_addr);
  EXPECT_EQ(PeerName(reinterpret_cast<const sockaddr*>(&six)), "ipv6:%5B::1%5D:7100");
  inet_pton(AF_INET6, "::ffff:10.0.0.1", &six.sin6_addr);
  EXPECT_EQ(PeerName(reinterpret_cast<const sockaddr*>(&six)), "ipv4:10.0.0.1:7100");
}

TEST_F(ListenerTest, GoesOnWhenDescriptorsWereUsedUpAndAreThereAgain) {
  Listen("127.0.0.1:0", 100);
  auto caller = std::make_unique<Caller>(listener_->port());
  ASSERT_TRUE(caller->Gets('+'));
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  // The caller's socket takes the last one.
  const int next = dup(0);
  close(next);
  const rlimit none{static_cast<rlim_t>(next) + 1, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const Caller waiting(listener_->port());
  const double refused = metrics_.refused().Value();
  while (metrics_.refused().Value() == refused) {
    std::this_thread::yield();
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(waiting.Gets('+'));
}

TEST_F(ListenerTest, AfterTheEndConnectionsAreRefused) {
  Listen("127.0.0.1:0", 10);
  const int port = listener_->port();
  listener_->Close();
  EXPECT_FALSE(Caller(port).connected());
}

TEST_F(ListenerTest, ASocketForThisProcessTurnsOthersAway) {
  auto bound = Listener::BindForThisProcess(metrics_);
  ASSERT_THAT(bound, IsOk());
  listener_ = *std::move(bound);
  listener_->Start(std::make_unique<Greeter>(*this));
  const std::string name(absl::StripPrefix(listener_->target(), "unix-abstract:"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const auto is_greeted = [&] {
    const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    char byte = 0;
    return connect(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
           recv(descriptor, &byte, 1, 0) == 1;
  };
  EXPECT_TRUE(is_greeted());
  const pid_t child = fork();
  if (child == 0) {
    _exit(is_greeted() ? 1 : 0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace orewatch::rpc
