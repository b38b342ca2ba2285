// What it costs to know who calls: the check alone, and a call with it against the same call without it, in one run.
#include <benchmark/benchmark.h>
#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/auth/api_key.h"
#include "common/auth/grpc_authenticator.h"
#include "common/auth/testing/signing_key.h"
#include "common/hash/sha256.h"
#include "common/rpc/channel.h"
#include "common/rpc/health.h"
#include "common/rpc/server.h"
#include "orewatch/testing/v1/echo.grpc.pb.h"
#include "prometheus/registry.h"

namespace orewatch::auth {
namespace {

namespace v1 = ::orewatch::testing::v1;

void Check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Access control that knows one signing key of each algorithm and one API key.
class Gate {
 public:
  Gate() {
    Check(keys_.Refresh().ok() && access_.Refresh().ok());
    AccessControl::Sources sources;
    sources.token_keys = &keys_;
    sources.token_policy = policy();
    sources.access = &access_;
    control = std::make_unique<AccessControl>(std::move(sources), clock_, metrics_);
  }

  static TokenPolicy policy() {
    TokenPolicy policy;
    policy.issuer = kTestIssuer;
    policy.audiences = {kTestAudience};
    return policy;
  }
  const SigningKey& signer(Algorithm algorithm) const { return signers_.at(static_cast<size_t>(algorithm)); }
  std::string Token(Algorithm algorithm) const {
    return signer(algorithm).Token(ClaimsOf("alice", "viewer", absl::Now()));
  }

  const std::string api_key = NewApiKey("bench");
  std::unique_ptr<AccessControl> control;

 private:
  const SystemClock clock_;
  prometheus::Registry registry_;
  AuthMetrics metrics_{registry_};
  const std::vector<SigningKey> signers_ = {SigningKey(Algorithm::kRs256, "rsa"), SigningKey(Algorithm::kEs256, "p256"),
                                            SigningKey(Algorithm::kEdDsa, "ed25519")};
  Kept<KeySet> keys_{{}, clock_, metrics_.jwt_keys(), [this] { return JwkSetOf(signers_); }, KeySet::Parse};
  Kept<AccessTable> access_{{},
                            clock_,
                            metrics_.access_file(),
                            [this] {
                              return absl::StrCat("keys { id: 'bench' secret_sha256: '",
                                                  absl::BytesToHexString(Sha256Of(ParseApiKey(api_key)->secret)),
                                                  "' grant { principal: 'bench' role: ROLE_VIEWER } }");
                            },
                            AccessTable::Parse};
};

Gate& SharedGate() {
  static auto* const gate = new Gate;
  return *gate;
}

void VerifyCold(benchmark::State& state, Algorithm algorithm) {
  const auto keys = KeySet::Parse(JwkSetOf({SharedGate().signer(algorithm)}));
  const std::string token = SharedGate().Token(algorithm);
  const TokenPolicy policy = Gate::policy();
  for (auto _ : state) {
    Check(VerifyToken(token, *keys, policy, absl::Now()).ok());
  }
}
BENCHMARK_CAPTURE(VerifyCold, RS256, Algorithm::kRs256);
BENCHMARK_CAPTURE(VerifyCold, ES256, Algorithm::kEs256);
BENCHMARK_CAPTURE(VerifyCold, EdDSA, Algorithm::kEdDsa);

void Authenticate(benchmark::State& state, const std::string& secret) {
  const std::string bearer = absl::StrCat("Bearer ", secret);
  for (auto _ : state) {
    Check(
        SharedGate().control->Authenticate({{bearer, 1}, {}, {}, {}}, [] { return std::vector<std::string>(); }).ok());
  }
}
void AuthenticateCachedToken(benchmark::State& state) { Authenticate(state, SharedGate().Token(Algorithm::kRs256)); }
void AuthenticateApiKey(benchmark::State& state) { Authenticate(state, SharedGate().api_key); }
BENCHMARK(AuthenticateCachedToken);
BENCHMARK(AuthenticateApiKey);

// A server of its own that says what it is told.
class EchoServer {
 public:
  explicit EchoServer(const rpc::Authenticator& authenticator) {
    const auto say = [](const rpc::CallContext&, const v1::SayRequest& request) -> absl::StatusOr<v1::SayResponse> {
      v1::SayResponse response;
      response.set_text(request.text());
      return response;
    };
    for (const char* method : {"Say", "SayBlocking", "GetLater"}) {
      service_.Unary<v1::SayRequest, v1::SayResponse>(method, rpc::Runs::kInline, say);
    }
    using Source = std::unique_ptr<rpc::StreamSource<v1::CountResponse>>;
    for (const char* method : {"Count", "WatchCount"}) {
      service_.ServerStream<v1::CountRequest, v1::CountResponse>(
          method, [](const auto&, const auto&, const rpc::Waker&) -> absl::StatusOr<Source> {
            return absl::UnimplementedError("");
          });
    }
    using Sink = std::unique_ptr<rpc::StreamSink<v1::SumRequest, v1::SumResponse>>;
    service_.ClientStream<v1::SumRequest, v1::SumResponse>(
        "Sum", [](const auto&) -> absl::StatusOr<Sink> { return absl::UnimplementedError(""); });
    rpc::ServerOptions options;
    options.authenticator = authenticator;
    auto started = rpc::Server::Start(options, {&service_}, registry_);
    Check(started.ok());
    server_ = *std::move(started);
    server_->health().SetReady(true);
    stub_ = v1::Echo::NewStub(server_->OwnChannel());
  }

  // Seconds that so many calls take, of several callers at once.
  double Seconds(int calls, const std::string& bearer) {
    constexpr int kCallers = 4;
    const absl::Time start = absl::Now();
    std::vector<std::thread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([this, calls, &bearer] {
        for (int call = 0; call < calls / kCallers; ++call) {
          grpc::ClientContext context;
          if (!bearer.empty()) {
            context.AddMetadata("authorization", bearer);
          }
          v1::SayRequest request;
          request.set_text(std::string(100, 'x'));
          v1::SayResponse response;
          Check(stub_->Say(&context, request, &response).ok());
        }
      });
    }
    for (std::thread& caller : callers) {
      caller.join();
    }
    return absl::ToDoubleSeconds(absl::Now() - start);
  }

 private:
  prometheus::Registry registry_;
  rpc::Service service_{v1::SayRequest::descriptor()->file()->FindServiceByName("Echo")};
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::Echo::Stub> stub_;
};

// `of_plain`: calls a second with the credential, over calls a second without any, taken in turns.
void SayAgainstPlain(benchmark::State& state, const std::string& secret) {
  constexpr int kCalls = 2000;
  EchoServer plain(rpc::AllowAnonymous());
  EchoServer guarded(AuthenticatorOf(*SharedGate().control));
  const std::string bearer = absl::StrCat("Bearer ", secret);
  plain.Seconds(kCalls, "");
  guarded.Seconds(kCalls, bearer);
  double without = 0;
  double with = 0;
  for (auto _ : state) {
    without += plain.Seconds(kCalls, "");
    const double seconds = guarded.Seconds(kCalls, bearer);
    with += seconds;
    state.SetIterationTime(seconds / kCalls);
  }
  state.counters["of_plain"] = without / with;
}
void SayWithCachedToken(benchmark::State& state) { SayAgainstPlain(state, SharedGate().Token(Algorithm::kRs256)); }
void SayWithApiKey(benchmark::State& state) { SayAgainstPlain(state, SharedGate().api_key); }
BENCHMARK(SayWithCachedToken)->UseManualTime()->Iterations(10);
BENCHMARK(SayWithApiKey)->UseManualTime()->Iterations(10);

}  // namespace
}  // namespace orewatch::auth
