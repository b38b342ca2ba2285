#include "tests/bench/calls/servers.h"

#include <sys/resource.h>

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/log/log.h"
#include "common/rpc/call_log.h"
#include "common/rpc/call_trace.h"
#include "common/rpc/health.h"
#include "common/rpc/server.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/echo.pb.h"
#include "prometheus/registry.h"
#include "tests/bench/support/load.h"
#include "tests/bench/support/raw_service.h"

namespace orewatch::bench {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
namespace v1 = ::orewatch::testing::v1;

double ProcessorSeconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  constexpr double kMicro = 1e-6;
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         kMicro * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

v1::SayResponse ProcessorTime() {
  v1::SayResponse response;
  response.set_text(absl::StrCat(ProcessorSeconds()));
  return response;
}

class BareEcho final : public RawService {
 public:
  explicit BareEcho(bool traced) {
    AddUnary(kSay, [traced](CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* response) {
      *response = *request;
      return traced ? FinishedInItsTrace(*context) : Finished(*context);
    });
    AddUnary(kProcessorTime, [](CallbackServerContext* context, const ByteBuffer*, ByteBuffer* response) {
      *response = BytesOf(ProcessorTime());
      return Finished(*context);
    });
  }

 private:
  // All that our server does for a trace.
  static grpc::ServerUnaryReactor* FinishedInItsTrace(CallbackServerContext& context) {
    const TracePtr trace = rpc::TraceOf(context);
    const TraceScope scope(trace);
    context.AddInitialMetadata(rpc::kTraceIdHeader, std::string(trace->id));
    return Finished(context);
  }
};

// What is measured of it are two methods; the others end at once.
rpc::Service OurEcho() {
  rpc::Service service(v1::SayRequest::descriptor()->file()->FindServiceByName("Echo"));
  for (const char* method : {"Say", "SayBlocking"}) {
    service.Unary<v1::SayRequest, v1::SayResponse>(
        method, rpc::Runs::kInline,
        [](const rpc::CallContext&, const v1::SayRequest& request) -> absl::StatusOr<v1::SayResponse> {
          v1::SayResponse response;
          response.set_text(request.text());
          return response;
        });
  }
  service.Unary<v1::SayRequest, v1::SayResponse>(
      "GetLater", rpc::Runs::kInline,
      [](const auto&, const auto&) -> absl::StatusOr<v1::SayResponse> { return ProcessorTime(); });
  for (const char* method : {"Count", "WatchCount"}) {
    service.ServerStream<v1::CountRequest, v1::CountResponse>(
        method,
        [](const auto&, const auto&,
           const auto&) -> absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::CountResponse>>> {
          return absl::UnimplementedError("not measured");
        });
  }
  service.ClientStream<v1::SumRequest, v1::SumResponse>(
      "Sum", [](const auto&) -> absl::StatusOr<std::unique_ptr<rpc::StreamSink<v1::SumRequest, v1::SumResponse>>> {
        return absl::UnimplementedError("not measured");
      });
  return service;
}

}  // namespace

int ServeBare(int port, bool traced) {
  BareEcho service(traced);
  return Serve(service, port);
}

int ServeOurs(int port, const std::string& log_calls) {
  const auto call_log = rpc::ParseCallLog(log_calls);
  if (!call_log.has_value()) {
    return 1;
  }
  rpc::ServerOptions options;
  options.address = absl::StrCat("127.0.0.1:", port);
  options.call_log = *call_log;
  rpc::Service service = OurEcho();
  prometheus::Registry metrics;
  const auto server = rpc::Server::Start(options, {&service}, metrics);
  if (!server.ok()) {
    return 1;
  }
  (*server)->health().SetReady(true);
  absl::Notification().WaitForNotification();
  return 0;
}

}  // namespace orewatch::bench
