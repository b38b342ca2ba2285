#include "common/rpc/channel.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "common/rpc/authorization_interceptor.h"
#include "common/rpc/trace_interceptor.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace orewatch::rpc {
namespace {

using Interceptors = std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>;

constexpr int kFirstReconnectMs = 100;
constexpr int kLongestReconnectMs = 2000;
// gRPC calls it the least backoff, but an attempt that fails is followed by the next as the others say. TLS on a busy
// machine takes more than a moment.
constexpr int kConnectTimeoutMs = 2000;
// By default a name that was looked up is not looked up again for 30 s, though all that it led to may have gone.
constexpr int kLookUpEveryMs = 5000;

bool MayBeRepeated(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming() || method.server_streaming()) {
    return false;
  }
  for (const char* verb : {"Get", "List", "Explain", "Search"}) {
    if (method.name().rfind(verb, 0) == 0) {
      return true;
    }
  }
  return method.input_type()->FindFieldByName("request_id") != nullptr;
}

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

grpc::ChannelArguments ArgumentsFor(const std::string& service_config, const ChannelOptions& options) {
  const Keepalive& keepalive = options.keepalive;
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(service_config);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(keepalive.client_ping_interval));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(keepalive.client_ping_timeout));
  // By default gRPC stops after two pings without data, and a dead peer of an idle stream is never noticed.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestReconnectMs);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, kLookUpEveryMs);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  if (!options.security.server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.security.server_name);
  }
  return arguments;
}

Interceptors InterceptorsOf(const Authorization& authorization) {
  Interceptors interceptors;
  interceptors.push_back(MakeTraceFactory());
  if (authorization != nullptr) {
    interceptors.push_back(MakeAuthorizationFactory(authorization));
  }
  return interceptors;
}

}  // namespace

std::string RetryServiceConfig(const std::vector<const google::protobuf::ServiceDescriptor*>& services) {
  nlohmann::json names = nlohmann::json::array();
  for (const auto* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      if (MayBeRepeated(*service->method(i))) {
        names.push_back({{"service", service->full_name()}, {"method", service->method(i)->name()}});
      }
    }
  }
  // A server that says it is not ready gets no more calls. Those that reach it after it has begun to close would be
  // cancelled, not refused, so this is what makes a drain without a failed call.
  nlohmann::json config = {{"loadBalancingConfig", {{{"round_robin", nlohmann::json::object()}}}},
                           {"healthCheckConfig", {{"serviceName", ""}}}};
  // gRPC ignores, without a word, a policy that names no method.
  if (!names.empty()) {
    config["methodConfig"] = {{{"name", names},
                               {"retryPolicy",
                                {{"maxAttempts", 5},
                                 {"initialBackoff", "0.1s"},
                                 {"maxBackoff", "1s"},
                                 {"backoffMultiplier", 2},
                                 {"retryableStatusCodes", {"UNAVAILABLE"}}}}}};
    config["retryThrottling"] = {{"maxTokens", 100}, {"tokenRatio", 0.5}};
  }
  return config.dump();
}

std::shared_ptr<grpc::Channel> Connect(const std::string& target,
                                       const std::vector<const google::protobuf::ServiceDescriptor*>& services,
                                       const ChannelOptions& options) {
  return grpc::experimental::CreateCustomChannelWithInterceptors(target, tls::MakeChannelCredentials(options.security),
                                                                 ArgumentsFor(RetryServiceConfig(services), options),
                                                                 InterceptorsOf(options.authorization));
}

std::shared_ptr<grpc::Channel> Connect(const std::string& target, const ClientMetrics& metrics,
                                       const ChannelOptions& options) {
  Interceptors interceptors = InterceptorsOf(options.authorization);
  interceptors.push_back(metrics.MakeInterceptorFactory());
  return grpc::experimental::CreateCustomChannelWithInterceptors(target, tls::MakeChannelCredentials(options.security),
                                                                 ArgumentsFor(RetryServiceConfig({}), options),
                                                                 std::move(interceptors));
}

std::shared_ptr<grpc::Channel> ConnectToSelf(const std::string& target, const Authorization& authorization,
                                             const Keepalive& keepalive) {
  return grpc::experimental::CreateCustomChannelWithInterceptors(target, grpc::InsecureChannelCredentials(),
                                                                 ArgumentsFor("{}", {.keepalive = keepalive}),
                                                                 InterceptorsOf(authorization));
}

}  // namespace orewatch::rpc
