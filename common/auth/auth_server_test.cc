// Credentials as callers send them, against a real server.
#include <grpcpp/grpcpp.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/auth/api_key.h"
#include "common/auth/grpc_authenticator.h"
#include "common/auth/testing/signing_key.h"
#include "common/hash/sha256.h"
#include "common/rpc/client_metrics.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/notifier.h"
#include "common/rpc/speak_for.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "orewatch/testing/v1/echo.grpc.pb.h"

namespace orewatch::auth {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TestServer;
namespace v1 = ::orewatch::testing::v1;

using Metadata = std::vector<std::pair<std::string, std::string>>;

// Says one thing, and then waits for ever.
class OneWord final : public rpc::StreamSource<v1::CountResponse> {
 public:
  absl::StatusOr<rpc::Poll> Next(v1::CountResponse&) override {
    return std::exchange(said_, true) ? rpc::Poll::kWait : rpc::Poll::kMessage;
  }

 private:
  bool said_ = false;
};

class EndlessSum final : public rpc::StreamSink<v1::SumRequest, v1::SumResponse> {
 public:
  absl::Status Receive(const v1::SumRequest&) override { return absl::OkStatus(); }
  absl::StatusOr<v1::SumResponse> Finish() override { return v1::SumResponse(); }
};

class AuthServerTest : public ::testing::Test {
 protected:
  AuthServerTest() {
    // Says who called.
    const auto say = [](const rpc::CallContext& context, const v1::SayRequest&) -> absl::StatusOr<v1::SayResponse> {
      v1::SayResponse response;
      const rpc::Caller& caller = context.caller();
      response.set_text(absl::StrCat(caller.principal, " as ", access::v1::Role_Name(caller.role), " by ",
                                     caller.credential, caller.through.empty() ? "" : " through ", caller.through));
      return response;
    };
    for (const char* method : {"Say", "SayBlocking"}) {
      service_.Unary<v1::SayRequest, v1::SayResponse>(method, rpc::Runs::kInline, say);
    }
    service_.UnaryAsync<v1::SayRequest, v1::SayResponse>(
        "GetLater", [say](const auto& context, const auto& request, auto respond) { respond(say(context, request)); });
    for (const char* method : {"Count", "WatchCount"}) {
      service_.ServerStream<v1::CountRequest, v1::CountResponse>(
          method, [](const auto&, const auto&, const rpc::Waker&) { return std::make_unique<OneWord>(); });
    }
    service_.ClientStream<v1::SumRequest, v1::SumResponse>("Sum",
                                                           [](const auto&) { return std::make_unique<EndlessSum>(); });
    EXPECT_THAT(access_.Refresh(), IsOk());
    EXPECT_THAT(keys_.Refresh(), IsOk());
    AccessControl::Sources sources;
    sources.token_keys = &keys_;
    sources.token_policy.issuer = kTestIssuer;
    sources.token_policy.audiences = {kTestAudience};
    sources.token_policy.leeway = absl::ZeroDuration();
    sources.access = &access_;
    sources.own_key = own_key_;
    control_ = std::make_unique<AccessControl>(std::move(sources), clock_, metrics_);
    rpc::ServerOptions options;
    options.authenticator = AuthenticatorOf(*control_);
    options.own_authorization = [this] { return absl::StrCat("Bearer ", own_key_); };
    server_ = std::make_unique<TestServer>(std::vector<rpc::Service*>{&service_}, options);
    stub_ = v1::Echo::NewStub(server_->tcp_channel());
  }

  std::string Entry(const std::string& key, const std::string& grant, const std::string& rest = "") const {
    return absl::StrCat("keys { id: '", std::string(ParseApiKey(key)->id), "' secret_sha256: '",
                        absl::BytesToHexString(Sha256Of(ParseApiKey(key)->secret)), "' grant { ", grant, " } ", rest,
                        " }\n");
  }
  static std::unique_ptr<grpc::ClientContext> ContextWith(const Metadata& metadata) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    for (const auto& [name, value] : metadata) {
      context->AddMetadata(name, value);
    }
    return context;
  }
  static absl::StatusOr<std::string> Say(v1::Echo::Stub& stub, const Metadata& metadata) {
    const auto context = ContextWith(metadata);
    v1::SayResponse response;
    const absl::Status status = rpc::FromGrpc(stub.Say(context.get(), {}, &response));
    return status.ok() ? absl::StatusOr<std::string>(response.text()) : status;
  }
  absl::StatusOr<std::string> Say(const Metadata& metadata) { return Say(*stub_, metadata); }
  // Of a token that ends in `life`.
  Metadata ShortLived(absl::Duration life) const {
    auto claims = ClaimsOf("alice", "viewer", absl::Now());
    claims["exp"] = absl::ToDoubleSeconds(absl::Now() + life - absl::UnixEpoch());
    return {{"authorization", absl::StrCat("Bearer ", signer_.Token(claims))}};
  }
  std::string TokenOf(const std::string& role) const { return signer_.Token(ClaimsOf("alice", role, absl::Now())); }

  const SystemClock clock_;
  prometheus::Registry registry_;
  AuthMetrics metrics_{registry_};
  const SigningKey signer_{Algorithm::kEdDsa, "first"};
  const std::string scoped_ = NewApiKey("scoped");
  const std::string gateway_ = NewApiKey("gateway");
  const std::string own_key_ = NewApiKey("own");
  Kept<AccessTable> access_{
      {},
      clock_,
      metrics_.access_file(),
      [this] {
        return absl::StrCat(
            Entry(scoped_, "principal: 'importer' role: ROLE_OPERATOR", "scopes: 'orewatch.testing.v1.Echo.GetLater'"),
            Entry(gateway_, "principal: 'orewatch-gateway' role: ROLE_ADMIN service: true may_speak_for_others: true"));
      },
      AccessTable::Parse};
  Kept<KeySet> keys_{{}, clock_, metrics_.jwt_keys(), [this] { return JwkSetOf({signer_}); }, KeySet::Parse};
  std::unique_ptr<AccessControl> control_;
  rpc::Service service_{v1::SayRequest::descriptor()->file()->FindServiceByName("Echo")};
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Echo::Stub> stub_;
};

auto Unauthenticated(const char* reason) { return HasError(absl::StatusCode::kUnauthenticated, reason); }

TEST_F(AuthServerTest, WhoProvesNothingIsLetIntoHealthAlone) {
  EXPECT_THAT(Say({}), Unauthenticated("NO_CREDENTIAL"));
  const auto context = ContextWith({});
  grpc::health::v1::HealthCheckResponse response;
  const auto health = grpc::health::v1::Health::NewStub(server_->tcp_channel());
  EXPECT_TRUE(health->Check(context.get(), {}, &response).ok());
}

TEST_F(AuthServerTest, TheRoleOfATokenDecides) {
  EXPECT_EQ(*Say({{"authorization", absl::StrCat("Bearer ", TokenOf("viewer"))}}), "alice as ROLE_VIEWER by token");
  EXPECT_THAT(Say({{"authorization", absl::StrCat("Bearer ", TokenOf("guest"))}}),
              HasError(absl::StatusCode::kPermissionDenied, "ROLE_MISSING"));
}

TEST_F(AuthServerTest, AKeyIsForItsScopesAlone) {
  EXPECT_THAT(Say({{"x-api-key", scoped_}}), HasError(absl::StatusCode::kPermissionDenied, "OUT_OF_SCOPE"));
  const auto context = ContextWith({{"x-api-key", scoped_}});
  v1::SayResponse response;
  EXPECT_TRUE(stub_->GetLater(context.get(), {}, &response).ok());
  EXPECT_EQ(response.text(), "importer as ROLE_OPERATOR by key");
}

TEST_F(AuthServerTest, TwoCredentialsAreOneTooMany) {
  EXPECT_THAT(Say({{"x-api-key", gateway_}, {"x-api-key", gateway_}}), Unauthenticated("AMBIGUOUS_CREDENTIAL"));
}

TEST_F(AuthServerTest, AServiceSpeaksForItsCallers) {
  rpc::Caller caller;
  caller.principal = "dave";
  caller.role = access::v1::ROLE_ANALYST;
  const auto context = ContextWith({{"x-api-key", gateway_}});
  rpc::SpeakFor(caller, *context);
  v1::SayResponse response;
  EXPECT_TRUE(stub_->Say(context.get(), {}, &response).ok());
  EXPECT_EQ(response.text(), "dave as ROLE_ANALYST by key through orewatch-gateway");
}

TEST_F(AuthServerTest, AChannelSaysOfEachCallWhoseItIs) {
  const rpc::ClientMetrics metrics(registry_, {service_.descriptor()});
  std::atomic<bool> rotated{false};
  const auto stub = v1::Echo::NewStub(
      rpc::Connect(server_->address(), metrics,
                   {.authorization = [&] { return absl::StrCat("Bearer ", rotated.load() ? gateway_ : scoped_); }}));
  EXPECT_THAT(Say(*stub, {}), HasError(absl::StatusCode::kPermissionDenied, "OUT_OF_SCOPE"));
  rotated.store(true);
  EXPECT_EQ(*Say(*stub, {}), "orewatch-gateway as ROLE_ADMIN by key");
}

TEST_F(AuthServerTest, AProcessCallsItselfWithoutSettings) {
  const auto stub = v1::Echo::NewStub(server_->channel());
  EXPECT_EQ(*Say(*stub, {{"x-orewatch-principal", "orewatch-risk"}}),
            "orewatch-risk as ROLE_ADMIN by key through orewatch");
}

TEST_F(AuthServerTest, AStreamThatWaitsEndsWithItsToken) {
  const auto context = ContextWith(ShortLived(absl::Seconds(4)));
  const auto stream = stub_->WatchCount(context.get(), {});
  v1::CountResponse message;
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_THAT(rpc::FromGrpc(stream->Finish()), Unauthenticated("TOKEN_EXPIRED"));
}

TEST_F(AuthServerTest, AStreamOfTheClientsEndsWithItsToken) {
  const auto context = ContextWith(ShortLived(absl::Seconds(4)));
  v1::SumResponse response;
  const auto stream = stub_->Sum(context.get(), &response);
  ASSERT_TRUE(stream->Write({}));
  EXPECT_THAT(rpc::FromGrpc(stream->Finish()), Unauthenticated("TOKEN_EXPIRED"));
}

TEST_F(AuthServerTest, AStreamWithTimeLeftGoesOn) {
  const auto context = ContextWith(ShortLived(absl::Hours(1)));
  const auto stream = stub_->WatchCount(context.get(), {});
  v1::CountResponse message;
  ASSERT_TRUE(stream->Read(&message));
  context->TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace orewatch::auth
