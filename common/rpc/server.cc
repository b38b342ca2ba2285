#include "common/rpc/server.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/log/log.h"
#include "common/rpc/bound_service.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/rpc/health.h"
#include "common/rpc/listener.h"
#include "common/rpc/rpc_metrics.h"
#include "common/status/status.h"
#include "common/time/steady.h"
#include "grpcpp/alarm.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace orewatch::rpc {
namespace {

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

constexpr int kMaxReadBytes = 32 * 1024;

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

void ConfigureKeepalive(const Keepalive& keepalive, grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(keepalive.server_min_ping_interval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(keepalive.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(keepalive.max_connection_age_grace));
}

void ConfigureLimits(const TransportLimits& limits, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake_timeout));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits.max_connection_idle));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, limits.max_metadata_bytes);
  // What has been read is dealt with, also when the listener has cut the connection off meanwhile: the default is 4
  // MiB, in which there is room for 20,000 calls.
  builder.AddChannelArgument(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, kMaxReadBytes);
  grpc::ResourceQuota quota("server");
  quota.Resize(limits.max_buffered_bytes);
  builder.SetResourceQuota(quota);
}

std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> AcceptorFor(
    const std::shared_ptr<grpc::ServerCredentials>& credentials, grpc::ServerBuilder& builder) {
  return builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
}

// How long a drain waits for callers who do not read what a stream has for them.
constexpr absl::Duration kWritersGrace = absl::Seconds(1);

// Cuts them off after that time, unless it is gone before.
class WriterCutOff {
 public:
  explicit WriterCutOff(CallRuntime& runtime) : runtime_(std::make_shared<Guarded>()) {
    runtime_->runtime = &runtime;
    alarm_.Set(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(kWritersGrace),
               [shared = runtime_](bool due) {
                 absl::MutexLock lock(&shared->mutex);
                 if (due && shared->runtime != nullptr) {
                   shared->runtime->CutOffWriters();
                 }
               });
  }
  ~WriterCutOff() {
    absl::MutexLock lock(&runtime_->mutex);
    runtime_->runtime = nullptr;
  }
  WriterCutOff(const WriterCutOff&) = delete;
  WriterCutOff& operator=(const WriterCutOff&) = delete;

 private:
  struct Guarded {
    absl::Mutex mutex;
    CallRuntime* runtime ABSL_GUARDED_BY(mutex) = nullptr;
  };
  const std::shared_ptr<Guarded> runtime_;
  grpc::Alarm alarm_;
};

class GrpcServer final : public Server {
 public:
  GrpcServer(const ServerOptions& options, const std::vector<Service*>& services, prometheus::Registry& registry)
      : own_authorization_(options.own_authorization),
        keepalive_(options.keepalive),
        metrics_(registry),
        connections_(registry),
        runtime_(options.limits, options.authenticator, metrics_, options.ledger, options.call_log),
        unknown_(metrics_, runtime_) {
    for (Service* service : services) {
      health_.AddService(service->descriptor()->full_name());
      services_.push_back(service);
      bound_.push_back(std::make_unique<BoundService>(*service, runtime_, metrics_, /*infrastructure=*/false));
    }
    bound_.push_back(std::make_unique<BoundService>(health_.service(), runtime_, metrics_, /*infrastructure=*/true));
  }

  ~GrpcServer() override { Drain(absl::ZeroDuration(), absl::ZeroDuration()); }

  absl::Status Listen(const ServerOptions& options) {
    OREWATCH_ASSIGN_OR_RETURN(listener_,
                              Listener::Bind(options.address, options.transport, runtime_.intake(), connections_));
    OREWATCH_ASSIGN_OR_RETURN(own_listener_, Listener::BindForThisProcess(connections_));
    // Process-wide in gRPC: it applies to every server that is built after.
    if (options.reflection) {
      grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    }
    grpc::EnableDefaultHealthCheckService(false);
    grpc::ServerBuilder builder;
    auto acceptor = AcceptorFor(tls::MakeServerCredentials(options.security), builder);
    auto own_acceptor = AcceptorFor(grpc::InsecureServerCredentials(), builder);
    for (const auto& service : bound_) {
      builder.RegisterService(service.get());
    }
    builder.RegisterCallbackGenericService(&unknown_);
    ConfigureKeepalive(options.keepalive, builder);
    ConfigureLimits(options.transport, builder);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return MakeError(absl::StatusCode::kInternal, "SERVER_NOT_BUILT", "gRPC could not start a server");
    }
    listener_->Start(std::move(acceptor));
    own_listener_->Start(std::move(own_acceptor));
    health_.SetLive(true);
    return absl::OkStatus();
  }

  int port() const override { return listener_->port(); }
  Health& health() override { return health_; }
  const CallTable& calls() const override { return runtime_.calls(); }
  std::shared_ptr<grpc::Channel> OwnChannel() override {
    return ConnectToSelf(own_listener_->target(), own_authorization_, keepalive_);
  }

  void Drain(absl::Duration settle, absl::Duration timeout) override {
    if (server_ == nullptr || drained_.exchange(true)) {
      return;
    }
    const absl::Time start = SteadyNow();
    health_.EndReadiness();
    // Nobody notifies: this is a wait for the world outside.
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(settle));
    runtime_.BeginDrain();
    for (const Service* service : services_) {
      service->BeginDrain();
    }
    const absl::Time patience_ends = SteadyNow() + timeout;
    runtime_.EndPatienceAt(patience_ends);
    listener_->Close();
    own_listener_->Close();
    const WriterCutOff cut_off(runtime_);
    server_->Shutdown(ToTransport(patience_ends));
    server_->Wait();
    health_.SetLive(false);
    const double seconds = absl::ToDoubleSeconds(SteadyNow() - start);
    metrics_.drain_seconds().Set(seconds);
    log::Info("drained", {{"seconds", seconds}, {"cancelled_calls", metrics_.drain_cancelled_calls().Value()}});
  }

 private:
  const Authorization own_authorization_;
  const Keepalive keepalive_;
  RpcMetrics metrics_;
  ConnectionMetrics connections_;
  Health health_;
  CallRuntime runtime_;
  UnknownMethods unknown_;
  std::vector<const Service*> services_;
  std::vector<std::unique_ptr<BoundService>> bound_;
  std::unique_ptr<grpc::Server> server_;
  // They hand connections to the server.
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Listener> own_listener_;
  std::atomic<bool> drained_{false};
};

}  // namespace

bool FromThisProcess(const grpc::ServerContextBase& context) { return absl::StartsWith(context.peer(), "unix:"); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<Service*>& services,
                                                      prometheus::Registry& metrics) {
  for (const Service* service : services) {
    OREWATCH_RETURN_IF_ERROR(CheckMethods(*service));
  }
  auto server = std::make_unique<GrpcServer>(options, services, metrics);
  OREWATCH_RETURN_IF_ERROR(server->Listen(options));
  return server;
}

}  // namespace orewatch::rpc
