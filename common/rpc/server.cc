#include "common/rpc/server.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/log/log.h"
#include "common/rpc/bound_service.h"
#include "common/rpc/channel.h"
#include "common/rpc/health.h"
#include "common/rpc/rpc_metrics.h"
#include "common/status/status.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace orewatch::rpc {
namespace {

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

absl::Status CheckMethods(const Service& service) {
  for (int i = 0; i < service.descriptor()->method_count(); ++i) {
    const auto& method = *service.descriptor()->method(i);
    if (service.methods().find(method.name()) == service.methods().end()) {
      return InvalidField(method.full_name(), "is declared but has no handler");
    }
    if (method.options().GetExtension(access::v1::access).role() == access::v1::ROLE_UNSPECIFIED) {
      return InvalidField(method.full_name(), "declares no role (orewatch/access/v1/access.proto)");
    }
  }
  return absl::OkStatus();
}

void ConfigureTransport(const Keepalive& keepalive, grpc::ServerBuilder& builder) {
  // Two processes that share a port share its calls, silently.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(keepalive.server_min_ping_interval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(keepalive.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(keepalive.max_connection_age_grace));
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
}

class GrpcServer final : public Server {
 public:
  GrpcServer(const ServerOptions& options, const std::vector<Service*>& services, prometheus::Registry& registry)
      : address_(options.address),
        keepalive_(options.keepalive),
        metrics_(registry),
        runtime_(options.limits, options.authenticator, metrics_, options.ledger),
        unknown_(metrics_, options.ledger) {
    for (Service* service : services) {
      health_.AddService(service->descriptor()->full_name());
      services_.push_back(service);
      bound_.push_back(std::make_unique<BoundService>(*service, runtime_, metrics_, /*infrastructure=*/false));
    }
    bound_.push_back(std::make_unique<BoundService>(health_.service(), runtime_, metrics_, /*infrastructure=*/true));
  }

  ~GrpcServer() override { Drain(absl::ZeroDuration(), absl::ZeroDuration()); }

  bool Listen(const ServerOptions& options) {
    // Process-wide in gRPC: it applies to every server that is built after.
    if (options.reflection) {
      grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    }
    grpc::EnableDefaultHealthCheckService(false);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &port_);
    for (const auto& service : bound_) {
      builder.RegisterService(service.get());
    }
    builder.RegisterCallbackGenericService(&unknown_);
    ConfigureTransport(options.keepalive, builder);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return false;
    }
    health_.SetLive(true);
    return true;
  }

  int port() const override { return port_; }
  Health& health() override { return health_; }
  std::shared_ptr<grpc::Channel> OwnChannel() override { return ConnectToSelf(address_, port_, keepalive_); }

  void Drain(absl::Duration settle, absl::Duration timeout) override {
    if (server_ == nullptr || drained_.exchange(true)) {
      return;
    }
    const absl::Time start = absl::Now();
    health_.EndReadiness();
    // Nobody notifies: this is a wait for the world outside.
    absl::Notification().WaitForNotificationWithTimeout(settle);
    runtime_.BeginDrain();
    for (const Service* service : services_) {
      service->BeginDrain();
    }
    const absl::Time patience_ends = absl::Now() + timeout;
    runtime_.EndPatienceAt(patience_ends);
    server_->Shutdown(absl::ToChronoTime(patience_ends));
    server_->Wait();
    health_.SetLive(false);
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    metrics_.drain_seconds().Set(seconds);
    log::Info("drained", {{"seconds", seconds}, {"cancelled_calls", metrics_.drain_cancelled_calls().Value()}});
  }

 private:
  const std::string address_;
  const Keepalive keepalive_;
  RpcMetrics metrics_;
  Health health_;
  CallRuntime runtime_;
  UnknownMethods unknown_;
  std::vector<const Service*> services_;
  std::vector<std::unique_ptr<BoundService>> bound_;
  std::unique_ptr<grpc::Server> server_;
  std::atomic<bool> drained_{false};
  int port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<Service*>& services,
                                                      prometheus::Registry& metrics) {
  for (const Service* service : services) {
    OREWATCH_RETURN_IF_ERROR(CheckMethods(*service));
  }
  auto server = std::make_unique<GrpcServer>(options, services, metrics);
  if (!server->Listen(options)) {
    return MakeError(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE",
                     absl::StrCat("cannot listen on ", options.address, ": taken, malformed or not permitted"));
  }
  return server;
}

}  // namespace orewatch::rpc
