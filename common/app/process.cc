#include "common/app/process.h"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/app/admin_pages.h"
#include "common/app/audit_flags.h"
#include "common/app/auth_flags.h"
#include "common/app/limit_flags.h"
#include "common/app/probes.h"
#include "common/app/protection.h"
#include "common/app/readiness_probe.h"
#include "common/app/signals.h"
#include "common/app/tls_flags.h"
#include "common/audit/audit_metrics.h"
#include "common/config/checks.h"
#include "common/config/flags.h"
#include "common/config/shown_settings.h"
#include "common/http/admin_server.h"
#include "common/log/log.h"
#include "common/metrics/process_collector.h"
#include "common/rpc/server.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/patience.h"
#include "common/time/steady.h"
#include "grpcpp/grpcpp.h"
#include "prometheus/registry.h"

ABSL_FLAG(std::string, address, "", "host:port to serve gRPC on; empty: 127.0.0.1 and the binary's own port.");
ABSL_FLAG(std::string, admin_address, "", "host:port of metrics, probes and admin pages; empty: as for --address.");
ABSL_FLAG(bool, allow_unprotected, false,
          "Listen where others can reach --address, though TLS or authentication is off.");
ABSL_FLAG(bool, allow_unprotected_admin, false,
          "Listen where others can reach --admin_address, which speaks plain HTTP: probes and Prometheus elsewhere.");
ABSL_FLAG(std::string, admin_pages, "loopback",
          "Who may see /config and /inflight and change /loglevel on the admin port: loopback or all.");
ABSL_FLAG(bool, check_ready, false,
          "Ask the process that serves --admin_address whether it is ready, and end: 0, it is; 1, it is not.");
ABSL_FLAG(int32_t, max_connections, 12000, "Connections at once; more are closed as soon as they are there.");
ABSL_FLAG(absl::Duration, max_connection_age, absl::Minutes(30),
          "Age at which callers are told to connect anew, by which they find new replicas.");
ABSL_FLAG(std::string, log_calls, "faults",
          "Which ended calls get a line in the log: none, faults (what failed or was refused) or all.");
ABSL_FLAG(bool, reflection, false, "Describe the services to anybody who asks.");
ABSL_FLAG(absl::Duration, drain_timeout, absl::Seconds(20), "Time for calls in flight to finish after a stop signal.");
ABSL_FLAG(absl::Duration, drain_settle, absl::Milliseconds(250),
          "Time between not being ready and closing the port, for callers and balancers to look away.");
ABSL_FLAG(absl::Duration, database_patience, absl::Minutes(1),
          "A PostgreSQL database that has been away for so long makes the process not ready until it is back.");
ABSL_FLAG(std::string, log_level, "info", "debug, info, warning or error.");
ABSL_FLAG(int32_t, max_in_flight, 1000, "Unary calls handled at once; more are refused.");
ABSL_FLAG(int32_t, max_streams, 1000, "Streams open at once; more are refused.");
ABSL_FLAG(int32_t, blocking_threads, 8, "Threads for handlers that wait for storage.");

namespace orewatch::app {
namespace {

constexpr int kUsageError = 2;

constexpr int kMaxInFlight = 1'000'000;
constexpr int kMaxStreams = 1'000'000;
constexpr int kMaxConnections = 1'000'000;
constexpr int kMaxThreads = 1024;
constexpr absl::Duration kLongestDrain = absl::Hours(1);
constexpr absl::Duration kLongestPatience = absl::Hours(24);
constexpr absl::Duration kShortestConnectionAge = absl::Seconds(1);
constexpr absl::Duration kLongestConnectionAge = absl::Hours(24);

absl::Status CheckConnectionAge() {
  const absl::Duration age = absl::GetFlag(FLAGS_max_connection_age);
  OREWATCH_RETURN_IF_ERROR(config::CheckDuration("--max_connection_age", age, kLongestConnectionAge));
  return age >= kShortestConnectionAge ? absl::OkStatus() : InvalidField("--max_connection_age", "must be 1s or more");
}

absl::Status CheckLimits() {
  OREWATCH_RETURN_IF_ERROR(CheckConnectionAge());
  OREWATCH_RETURN_IF_ERROR(
      config::CheckBetween("--max_in_flight", absl::GetFlag(FLAGS_max_in_flight), 1, kMaxInFlight));
  OREWATCH_RETURN_IF_ERROR(config::CheckBetween("--max_streams", absl::GetFlag(FLAGS_max_streams), 1, kMaxStreams));
  OREWATCH_RETURN_IF_ERROR(
      config::CheckBetween("--max_connections", absl::GetFlag(FLAGS_max_connections), 1, kMaxConnections));
  OREWATCH_RETURN_IF_ERROR(
      config::CheckBetween("--blocking_threads", absl::GetFlag(FLAGS_blocking_threads), 1, kMaxThreads));
  OREWATCH_RETURN_IF_ERROR(config::CheckDuration("--drain_timeout", absl::GetFlag(FLAGS_drain_timeout), kLongestDrain));
  OREWATCH_RETURN_IF_ERROR(config::CheckDuration("--drain_settle", absl::GetFlag(FLAGS_drain_settle), kLongestDrain));
  return config::CheckDuration("--database_patience", absl::GetFlag(FLAGS_database_patience), kLongestPatience);
}

absl::Status CheckAddress(const rpc::ServerOptions& options, const Authentication& authentication) {
  const Protection protection{.tls = options.security.material != nullptr, .authentication = authentication.required()};
  return CheckProtected("--address", options.address, protection, absl::GetFlag(FLAGS_allow_unprotected),
                        "--allow_unprotected");
}

absl::StatusOr<rpc::ServerOptions> OptionsFromFlags(const ProcessDefaults& defaults, const Environment& environment) {
  OREWATCH_RETURN_IF_ERROR(CheckLimits());
  log::Level level{};
  if (!log::ParseLevel(absl::GetFlag(FLAGS_log_level), level)) {
    return InvalidField("--log_level", "must be debug, info, warning or error");
  }
  log::SetLevel(level);
  rpc::ServerOptions options;
  const absl::optional<rpc::CallLog> call_log = rpc::ParseCallLog(absl::GetFlag(FLAGS_log_calls));
  if (!call_log.has_value()) {
    return InvalidField("--log_calls", "must be none, faults or all");
  }
  options.call_log = *call_log;
  const std::string address = absl::GetFlag(FLAGS_address);
  options.address = address.empty() ? absl::StrCat("127.0.0.1:", defaults.grpc_port) : address;
  OREWATCH_RETURN_IF_ERROR(config::ParseHostPort("--address", options.address).status());
  OREWATCH_ASSIGN_OR_RETURN(options.security, ServerSecurityFromFlags(environment));
  options.reflection = absl::GetFlag(FLAGS_reflection);
  options.limits.max_in_flight = absl::GetFlag(FLAGS_max_in_flight);
  options.limits.max_streams = absl::GetFlag(FLAGS_max_streams);
  options.limits.blocking_threads = absl::GetFlag(FLAGS_blocking_threads);
  options.transport.max_connections = absl::GetFlag(FLAGS_max_connections);
  options.keepalive.max_connection_age = absl::GetFlag(FLAGS_max_connection_age);
  OREWATCH_RETURN_IF_ERROR(ReadLimitFlags(options.limits));
  return options;
}

// Reflection is a service of gRPC's own, which asks nobody who calls.
absl::Status RequireCredentials(const Authentication& authentication, rpc::ServerOptions& options) {
  if (authentication.required() && options.reflection) {
    return InvalidField("--reflection", "cannot be on where callers must prove who they are: it answers everybody");
  }
  options.authenticator = authentication.authenticator();
  options.own_authorization = authentication.own();
  return absl::OkStatus();
}

absl::StatusOr<std::string> AdminAddress(const ProcessDefaults& defaults) {
  std::string address = absl::GetFlag(FLAGS_admin_address);
  if (address.empty()) {
    address = absl::StrCat("127.0.0.1:", defaults.admin_port);
  }
  OREWATCH_ASSIGN_OR_RETURN(const config::HostPort parsed, config::ParseHostPort("--admin_address", address));
  if (!config::IsLoopback(parsed.host) && !absl::GetFlag(FLAGS_allow_unprotected_admin)) {
    return InvalidField("--admin_address", absl::StrCat("others can reach ", address,
                                                        ", and the admin port knows neither TLS nor callers; ",
                                                        "listen on 127.0.0.1, or set --allow_unprotected_admin"));
  }
  return address;
}

absl::StatusOr<bool> PagesForAll() {
  const std::string who = absl::GetFlag(FLAGS_admin_pages);
  if (who != "loopback" && who != "all") {
    return InvalidField("--admin_pages", "must be loopback or all");
  }
  return who == "all";
}

absl::StatusOr<std::unique_ptr<http::AdminServer>> StartAdmin(
    const ProcessDefaults& defaults, const Probes& probes,
    std::vector<std::weak_ptr<prometheus::Collectable>> collectables) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string address, AdminAddress(defaults));
  http::AdminServer::Handlers handlers;
  handlers.collectables = std::move(collectables);
  OREWATCH_ASSIGN_OR_RETURN(handlers.pages_for_all, PagesForAll());
  handlers.live = [&probes] { return probes.live(); };
  handlers.ready = [&probes] { return probes.ready(); };
  handlers.why_not_ready = [&probes] { return probes.WhyNotReady(); };
  handlers.config = [binary = std::string(defaults.name)] { return ConfigPage(binary); };
  handlers.in_flight = [&probes] { return probes.CallsInFlight(SteadyNow()); };
  return http::AdminServer::Start(address, std::move(handlers));
}

// Our own errors say what is wrong; gRPC's lines beside them are for those who ask for them.
void SilenceTransport() { setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0); }

// Serves until a signal tells it to end, and drains.
void ServeUntilSignal(Application& application, rpc::Server& server, Probes& probes, StopSignals& signals) {
  probes.BeginServing(server);
  application.Start(server, [&probes] { probes.SetCaughtUp(); });
  const int signal = signals.Wait();
  log::Info("draining", {{"signal", signal}});
  probes.BeginDrain();
  // A database that hangs keeps neither calls nor what comes after them.
  EndPatienceIn(absl::GetFlag(FLAGS_drain_settle) + absl::GetFlag(FLAGS_drain_timeout));
  server.Drain(absl::GetFlag(FLAGS_drain_settle), absl::GetFlag(FLAGS_drain_timeout));
  application.Stop();
  probes.EndServing();
}

absl::Status Serve(const ProcessDefaults& defaults, const MakeApplication& make, StopSignals& signals) {
  if (absl::GetFlag(FLAGS_check_ready)) {
    OREWATCH_ASSIGN_OR_RETURN(const std::string asked, AdminAddress(defaults));
    return AskReadiness(asked);
  }
  const SystemClock clock;
  const auto registry = std::make_shared<prometheus::Registry>();
  OREWATCH_ASSIGN_OR_RETURN(const auto authentication, Authentication::FromFlags(clock, *registry));
  DatabaseWatch database(*registry, [&signals](absl::Duration time) { return !signals.WaitFor(time); });
  const Environment environment{clock, *registry, authentication->upstream(), &database};
  OREWATCH_ASSIGN_OR_RETURN(rpc::ServerOptions options, OptionsFromFlags(defaults, environment));
  OREWATCH_RETURN_IF_ERROR(RequireCredentials(*authentication, options));
  OREWATCH_RETURN_IF_ERROR(CheckAddress(options, *authentication));
  const auto process = std::make_shared<metrics::ProcessCollector>();
  metrics::RegisterBuildInfo(*registry, grpc::Version());
  metrics::RegisterConfigHash(*registry, config::HashSettings());
  Probes probes(database, {.database_patience = absl::GetFlag(FLAGS_database_patience)});
  // Before there is anything to serve: bringing tables up to date may take long, and a database that is away longer.
  OREWATCH_ASSIGN_OR_RETURN(const auto admin, StartAdmin(defaults, probes, {registry, process}));
  OREWATCH_ASSIGN_OR_RETURN(const auto application, make(environment));
  audit::AuditMetrics audit_metrics(*registry);
  OREWATCH_ASSIGN_OR_RETURN(const auto audit_log,
                            AuditLogFromFlags(defaults.name, application->database(), clock, audit_metrics));
  options.ledger = audit_log.get();
  OREWATCH_ASSIGN_OR_RETURN(const auto server, rpc::Server::Start(options, application->services(), *registry));
  log::Info("serving", {{"binary", defaults.name},
                        {"version", metrics::Version()},
                        {"grpc_port", server->port()},
                        {"admin_port", admin->port()}});
  ServeUntilSignal(*application, *server, probes, signals);
  log::Info("stopped", {{"binary", defaults.name}});
  return absl::OkStatus();
}

absl::Status RunErrandOrServe(const ProcessDefaults& defaults, const MakeApplication& make, StopSignals& signals) {
  if (defaults.errand != nullptr) {
    OREWATCH_ASSIGN_OR_RETURN(const absl::optional<std::string> done, signals.Interruptibly(defaults.errand));
    if (done.has_value()) {
      std::cout << *done << std::endl;
      return absl::OkStatus();
    }
  }
  return Serve(defaults, make, signals);
}

}  // namespace

int RunProcess(int argc, char** argv, const ProcessDefaults& defaults, const MakeApplication& make) {
  // Debian's absl looks for deadlocks at every lock; sanitizer builds do so better.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  StopSignals signals;
  log::FlushOnFatalSignals();
  SilenceTransport();
  config::DescribeProgram(absl::StrCat(defaults.name, ": a service of orewatch. Flags may also stand in the ",
                                       "environment (OREWATCH_<FLAG>) or in a textproto (--config)."),
                          absl::StrCat(defaults.name, " ", metrics::Version()));
  if (const auto rest = config::ParseCommandLine(argc, argv); !rest.empty()) {
    std::cerr << "error: unexpected argument '" << rest.front() << "'\n";
    return kUsageError;
  }
  const absl::Status status = RunErrandOrServe(defaults, make, signals);
  if (absl::IsCancelled(status)) {
    log::Info("stopped", {{"binary", defaults.name}});
    return 0;
  }
  if (!status.ok()) {
    log::WriteLast(absl::StrCat("error: ", status.message()));
    return status.code() == absl::StatusCode::kInvalidArgument ? kUsageError : 1;
  }
  return 0;
}

}  // namespace orewatch::app
