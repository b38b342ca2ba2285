#include "tests/bench/calls/served.h"

#include <sys/resource.h>

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/trace_interceptor.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/testing/v1/echo.grpc.pb.h"
#include "tests/bench/calls/servers.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/load.h"

namespace orewatch::bench {
namespace {

namespace v1 = ::orewatch::testing::v1;

constexpr int kInFlight = 32;
constexpr double kMicrosecondsPerSecond = 1e6;

testing::ChildProcess Start(std::vector<std::string> arguments, int port, const std::string& log) {
  arguments.push_back(absl::StrCat(port));
  auto child =
      testing::ChildProcess::Start({.program = "/proc/self/exe", .arguments = std::move(arguments), .log_file = log});
  if (!child.ok()) {
    Die(child.status().ToString());
  }
  return *std::move(child);
}

// How many calls ended.
double MakeCalls(const std::shared_ptr<grpc::Channel>& channel, absl::Duration span) {
  v1::SayRequest request;
  request.set_text(std::string(100, 'x'));
  const grpc::ByteBuffer bytes = BytesOf(request);
  const double rate = CallsPerSecond({channel, kSay, [bytes] { return bytes; }}, kInFlight, span);
  return rate * absl::ToDoubleSeconds(span) + kInFlight;
}

double OwnProcessorSeconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return absl::ToDoubleSeconds(absl::DurationFromTimeval(used.ru_utime) + absl::DurationFromTimeval(used.ru_stime));
}

}  // namespace

Served::Served(const std::vector<std::string>& arguments)
    : process_(Start(arguments, port_, dir_ / "log")), channel_(NewChannel(/*tells_trace=*/true)) {}

std::shared_ptr<grpc::Channel> Served::NewChannel(bool tells_trace) const {
  grpc::ChannelArguments own_connection;
  own_connection.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  if (tells_trace) {
    interceptors.push_back(rpc::MakeTraceFactory());
  }
  auto channel = grpc::experimental::CreateCustomChannelWithInterceptors(
      absl::StrCat("127.0.0.1:", port_), grpc::InsecureChannelCredentials(), own_connection, std::move(interceptors));
  constexpr absl::Duration kPatience = absl::Seconds(20);
  if (!channel->WaitForConnected(absl::ToChronoTime(absl::Now() + kPatience))) {
    Die("cannot connect to the server that is measured");
  }
  return channel;
}

double Served::ProcessorSeconds() const {
  grpc::ClientContext context;
  v1::SayResponse response;
  double seconds = 0;
  const grpc::Status status = v1::Echo::NewStub(channel_)->GetLater(&context, v1::SayRequest(), &response);
  if (!status.ok() || !absl::SimpleAtod(response.text(), &seconds)) {
    Die("the server does not say what it used: " + status.error_message());
  }
  return seconds;
}

double Served::ProcessorTime(absl::Duration span) const {
  const double before = ProcessorSeconds();
  const double calls = MakeCalls(channel_, span);
  return (ProcessorSeconds() - before) / calls * kMicrosecondsPerSecond;
}

double ProcessorTimeOfCaller(const std::shared_ptr<grpc::Channel>& channel, absl::Duration span) {
  const double before = OwnProcessorSeconds();
  const double calls = MakeCalls(channel, span);
  return (OwnProcessorSeconds() - before) / calls * kMicrosecondsPerSecond;
}

}  // namespace orewatch::bench
