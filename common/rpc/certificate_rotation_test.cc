// Certificates and authorities are replaced while calls go on: none fails.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/certificates.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "common/testing/test_server.h"
#include "common/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/echo.grpc.pb.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::KeyPair;
using ::orewatch::testing::ReplaceFile;
using ::orewatch::testing::TempDir;
using ::orewatch::testing::TestAuthority;
using ::orewatch::testing::TestServer;
namespace v1 = ::orewatch::testing::v1;

constexpr absl::Duration kPatience = absl::Seconds(30);

class NoCount final : public StreamSource<v1::CountResponse> {
 public:
  absl::StatusOr<Poll> Next(v1::CountResponse&) override { return Poll::kEnd; }
};

class CertificateRotationTest : public ::testing::Test {
 protected:
  CertificateRotationTest() : service_(v1::SayRequest::descriptor()->file()->FindServiceByName("Echo")) {
    for (const char* name : {"Say", "SayBlocking"}) {
      service_.Unary<v1::SayRequest, v1::SayResponse>(
          name, Runs::kInline,
          [](const auto&, const auto&) -> absl::StatusOr<v1::SayResponse> { return v1::SayResponse(); });
    }
    service_.UnaryAsync<v1::SayRequest, v1::SayResponse>(
        "GetLater", [](const auto&, const auto&, auto respond) { respond(v1::SayResponse()); });
    for (const char* name : {"Count", "WatchCount"}) {
      service_.ServerStream<v1::CountRequest, v1::CountResponse>(
          name, [](const auto&, const auto&, const Waker&) { return std::make_unique<NoCount>(); });
    }
    service_.ClientStream<v1::SumRequest, v1::SumResponse>(
        "Sum", [](const auto&) { return std::unique_ptr<StreamSink<v1::SumRequest, v1::SumResponse>>(); });
    for (const char* side : {"server", "client"}) {
      WritePair(side, authority_->Issue({.common_name = "round 0", .alternative_names = "IP:127.0.0.1"}));
      WriteAuthorities(side, authority_->certificate());
    }
    server_material_ = Load("server");
    client_material_ = Load("client");
    ServerOptions options;
    options.security = {server_material_, tls::ClientAuth::kRequired};
    // Old connections end within a second, so that whatever does not let in new ones is noticed.
    options.keepalive.max_connection_age = absl::Milliseconds(500);
    options.authenticator = [this](const grpc::ServerContextBase& context) -> absl::StatusOr<Caller> {
      absl::MutexLock lock(&mutex_);
      identity_ = tls::CertificateIdentity(*context.auth_context());
      return Caller();
    };
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_}, options);
  }

  void WritePair(const std::string& side, const KeyPair& pair) {
    ReplaceFile(dir_ / (side + ".crt"), pair.certificate);
    ReplaceFile(dir_ / (side + ".key"), pair.key);
  }
  void WriteAuthorities(const std::string& side, const std::string& bundle) {
    ReplaceFile(dir_ / (side + ".ca"), bundle);
  }
  std::shared_ptr<tls::WatchedMaterial> Load(const std::string& side) {
    auto loaded = tls::WatchedMaterial::Load(
        {{dir_ / (side + ".crt"), dir_ / (side + ".key"), dir_ / (side + ".ca")}, side, absl::Milliseconds(100)},
        clock_, metrics_);
    EXPECT_THAT(loaded, IsOk());
    return *std::move(loaded);
  }
  // Of somebody else, whose files nobody touches.
  std::shared_ptr<tls::WatchedMaterial> Fixed(const KeyPair& pair, const std::string& bundle) {
    const std::string name = absl::StrCat("fixed", ++fixed_);
    WritePair(name, pair);
    WriteAuthorities(name, bundle);
    return Load(name);
  }

  static absl::Status Say(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    v1::SayResponse response;
    return FromGrpc(v1::Echo::NewStub(channel)->Say(&context, {}, &response));
  }
  std::shared_ptr<grpc::Channel> NewChannel(const std::shared_ptr<tls::WatchedMaterial>& material) {
    return Connect(server_->address(), {}, {material, ""});
  }
  static void Await(const char* what, const std::function<bool()>& happened) {
    for (const absl::Time give_up = absl::Now() + kPatience; !happened();) {
      ASSERT_LT(absl::Now(), give_up) << what;
    }
  }
  std::string identity() {
    absl::MutexLock lock(&mutex_);
    return identity_;
  }

  // Everybody moves to another authority, as docs/security/transport.md says.
  void Rotate(int round) {
    auto next = std::make_unique<TestAuthority>(absl::StrCat("authority ", round));
    const TestAuthority::Subject subject{.common_name = absl::StrCat("round ", round),
                                         .alternative_names = "IP:127.0.0.1"};
    const std::string both = absl::StrCat(authority_->certificate(), next->certificate());
    WriteAuthorities("server", both);
    WriteAuthorities("client", both);
    const auto of_next = Fixed(next->Issue(subject), both);
    Await("the server believes the new authority", [&] { return Say(NewChannel(of_next)).ok(); });
    TestServer elsewhere({&service_}, [&] {
      ServerOptions options;
      options.security = {of_next, tls::ClientAuth::kNone};
      return options;
    }());
    Await("the client believes the new authority", [&] {
      return Say(Connect(elsewhere.address(), {}, {client_material_, ""})).ok();
    });
    WritePair("server", next->Issue(subject));
    const auto only_next = Fixed(next->Issue(subject), next->certificate());
    Await("the server shows the new certificate", [&] { return Say(NewChannel(only_next)).ok(); });
    WritePair("client", next->Issue({.common_name = absl::StrCat("client ", round), .alternative_names = ""}));
    Await("the client shows the new certificate",
          [&] { return Say(NewChannel(client_material_)).ok() && identity() == absl::StrCat("cn:client ", round); });
    const auto of_old = Fixed(authority_->Issue(subject), both);
    WriteAuthorities("server", next->certificate());
    WriteAuthorities("client", next->certificate());
    Await("the server believes the old authority no longer", [&] { return !Say(NewChannel(of_old)).ok(); });
    authority_ = std::move(next);
  }

  const SystemClock clock_;
  prometheus::Registry metrics_;
  const TempDir dir_;
  std::unique_ptr<TestAuthority> authority_ = std::make_unique<TestAuthority>("authority 0");
  int fixed_ = 0;
  std::shared_ptr<tls::WatchedMaterial> server_material_;
  std::shared_ptr<tls::WatchedMaterial> client_material_;
  Service service_;
  absl::Mutex mutex_;
  std::string identity_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<TestServer> server_;
};

TEST_F(CertificateRotationTest, ThreeTimesUnderLoadAndNoCallFails) {
  std::atomic<bool> stop{false};
  std::atomic<int> calls{0};
  std::atomic<int> failed{0};
  const auto count = [&](const absl::Status& status) {
    ++calls;
    if (!status.ok()) {
      ++failed;
      ADD_FAILURE() << status;
    }
  };
  std::vector<std::thread> callers;
  constexpr int kLasting = 3;
  for (int i = 0; i < kLasting; ++i) {
    callers.emplace_back([&, channel = NewChannel(client_material_)] {
      while (!stop) {
        count(Say(channel));
      }
    });
  }
  callers.emplace_back([&] {
    while (!stop) {
      count(Say(NewChannel(client_material_)));
    }
  });
  for (int round = 1; round <= 3; ++round) {
    Rotate(round);
    if (HasFatalFailure()) {
      break;
    }
  }
  stop = true;
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(failed, 0);
  EXPECT_GT(calls, 100);
  RecordProperty("calls", calls);
  std::cout << calls << " calls, " << failed << " failed\n";
}

}  // namespace
}  // namespace orewatch::rpc
