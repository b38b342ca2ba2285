// Who gets in over TLS, on both sides, and as whom.
#include <grpc/grpc_security_constants.h>

#include <memory>
#include <string>
#include <utility>

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

using ::orewatch::testing::HasCode;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::KeyPair;
using ::orewatch::testing::ReplaceFile;
using ::orewatch::testing::TempDir;
using ::orewatch::testing::TestAuthority;
using ::orewatch::testing::TestServer;
namespace v1 = ::orewatch::testing::v1;

class NoCount final : public StreamSource<v1::CountResponse> {
 public:
  absl::StatusOr<Poll> Next(v1::CountResponse&) override { return Poll::kEnd; }
};

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() : service_(v1::SayRequest::descriptor()->file()->FindServiceByName("Echo")) {
    const auto say = [](const CallContext&, const v1::SayRequest& request) -> absl::StatusOr<v1::SayResponse> {
      v1::SayResponse response;
      response.set_text(request.text());
      return response;
    };
    service_.Unary<v1::SayRequest, v1::SayResponse>("Say", Runs::kInline, say);
    service_.Unary<v1::SayRequest, v1::SayResponse>("SayBlocking", Runs::kInline, say);
    service_.UnaryAsync<v1::SayRequest, v1::SayResponse>(
        "GetLater", [](const auto&, const auto&, auto respond) { respond(v1::SayResponse()); });
    for (const char* name : {"Count", "WatchCount"}) {
      service_.ServerStream<v1::CountRequest, v1::CountResponse>(
          name, [](const auto&, const auto&, const Waker&) { return std::make_unique<NoCount>(); });
    }
    service_.ClientStream<v1::SumRequest, v1::SumResponse>(
        "Sum", [](const auto&) { return std::unique_ptr<StreamSink<v1::SumRequest, v1::SumResponse>>(); });
  }

  // Empty parts are left out.
  std::shared_ptr<tls::WatchedMaterial> Material(const std::string& name, const KeyPair& pair, const std::string& ca) {
    const auto file = [&](const char* part, const std::string& content) {
      const std::string path = dir_ / (name + part);
      ReplaceFile(path, content);
      return content.empty() ? std::string() : path;
    };
    auto loaded = tls::WatchedMaterial::Load(
        {{file(".crt", pair.certificate), file(".key", pair.key), file(".ca", ca)}, name, absl::InfiniteDuration()},
        clock_, metrics_);
    EXPECT_THAT(loaded, IsOk());
    return *std::move(loaded);
  }

  void StartServer(tls::ClientAuth auth, const KeyPair& pair) {
    const bool asks = auth != tls::ClientAuth::kNone;
    ServerOptions options;
    options.security = {Material("server", pair, asks ? authority_.certificate() : ""), auth};
    options.authenticator = [this](const grpc::ServerContextBase& context) -> absl::StatusOr<Caller> {
      absl::MutexLock lock(&mutex_);
      identity_ = tls::CertificateIdentity(*context.auth_context());
      own_ = FromThisProcess(context);
      return Caller();
    };
    server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_}, options);
  }
  void StartServer(tls::ClientAuth auth) { StartServer(auth, authority_.Issue()); }

  absl::Status Say(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_wait_for_ready(false);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::SayRequest request;
    v1::SayResponse response;
    return FromGrpc(v1::Echo::NewStub(channel)->Say(&context, request, &response));
  }
  absl::Status SayAs(const KeyPair& pair, const std::string& ca, const std::string& server_name = "") {
    return Say(Connect(server_->address(), {}, {Material("client", pair, ca), server_name}));
  }
  std::string identity() {
    absl::MutexLock lock(&mutex_);
    return identity_;
  }
  bool own() {
    absl::MutexLock lock(&mutex_);
    return own_;
  }

  const SystemClock clock_;
  prometheus::Registry metrics_;
  const TempDir dir_;
  const TestAuthority authority_{"the authority"};
  const TestAuthority stranger_{"another authority"};
  Service service_;
  absl::Mutex mutex_;
  std::string identity_ ABSL_GUARDED_BY(mutex_) = "nobody has called";
  bool own_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<TestServer> server_;
};

TEST_F(TlsTest, TheServerIsBelievedOnlyWithACertificateOfTheAuthorityForItsName) {
  StartServer(tls::ClientAuth::kNone);
  EXPECT_THAT(SayAs({}, authority_.certificate()), IsOk());
  EXPECT_EQ(identity(), "");
  EXPECT_THAT(SayAs({}, authority_.certificate(), "localhost"), IsOk());
  EXPECT_THAT(SayAs({}, authority_.certificate(), "registry.example"), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(SayAs({}, stranger_.certificate()), HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(TlsTest, WhoSpeaksNoTlsIsNotServed) {
  StartServer(tls::ClientAuth::kNone);
  EXPECT_THAT(Say(Connect(server_->address())), HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(TlsTest, WhoSpeaksTlsToAServerWithoutItIsNotServed) {
  server_ = std::make_unique<TestServer>(std::vector<Service*>{&service_});
  EXPECT_THAT(SayAs({}, authority_.certificate()), HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(TlsTest, WhereACertificateIsRequiredOnlyOneOfTheAuthorityGetsIn) {
  StartServer(tls::ClientAuth::kRequired);
  EXPECT_THAT(SayAs({}, authority_.certificate()), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(SayAs(stranger_.Issue(), authority_.certificate()), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(identity(), "nobody has called");
  EXPECT_THAT(SayAs(authority_.Issue({.common_name = "risk", .alternative_names = ""}), authority_.certificate()),
              IsOk());
  EXPECT_EQ(identity(), "cn:risk");
}

TEST_F(TlsTest, AnExpiredCertificateDoesNotGetIn) {
  StartServer(tls::ClientAuth::kRequired);
  // Loaded while it is valid, by a clock that is behind.
  const absl::Time ended = absl::Now() - absl::Minutes(10);
  const KeyPair pair = authority_.Issue({.not_after = ended});
  ReplaceFile(dir_ / "old.crt", pair.certificate);
  ReplaceFile(dir_ / "old.key", pair.key);
  ReplaceFile(dir_ / "old.ca", authority_.certificate());
  const FakeClock behind(ended - absl::Minutes(10));
  auto old = tls::WatchedMaterial::Load(
      {{dir_ / "old.crt", dir_ / "old.key", dir_ / "old.ca"}, "old", absl::InfiniteDuration()}, behind, metrics_);
  ASSERT_THAT(old, IsOk());
  EXPECT_THAT(Say(Connect(server_->address(), {}, {*old, ""})), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(identity(), "nobody has called");
}

TEST_F(TlsTest, WhereACertificateIsOptionalNoneIsAnAnswerButABadOneIsNot) {
  StartServer(tls::ClientAuth::kOptional);
  EXPECT_THAT(SayAs({}, authority_.certificate()), IsOk());
  EXPECT_EQ(identity(), "");
  EXPECT_THAT(SayAs(authority_.Issue(), authority_.certificate()), IsOk());
  EXPECT_EQ(identity(), "dns:localhost");
  EXPECT_THAT(SayAs(stranger_.Issue(), authority_.certificate()), HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(TlsTest, AUriNamesTheCallerBeforeAHostName) {
  StartServer(tls::ClientAuth::kRequired);
  const KeyPair pair =
      authority_.Issue({.common_name = "risk", .alternative_names = "DNS:risk.orewatch,URI:spiffe://orewatch/risk"});
  EXPECT_THAT(SayAs(pair, authority_.certificate()), IsOk());
  EXPECT_EQ(identity(), "uri:spiffe://orewatch/risk");
}

TEST_F(TlsTest, TheServersOwnChannelNeedsNoCertificateAndIsKnown) {
  StartServer(tls::ClientAuth::kRequired);
  EXPECT_THAT(Say(server_->channel()), IsOk());
  EXPECT_EQ(identity(), "");
  EXPECT_TRUE(own());
  EXPECT_THAT(SayAs(authority_.Issue(), authority_.certificate()), IsOk());
  EXPECT_FALSE(own());
}

}  // namespace
}  // namespace orewatch::rpc
