#include "absl/strings/str_cat.h"
#include "tests/bench/gateway/measures.h"
#include "tests/bench/gateway/services.h"
#include "tests/bench/support/echo_process.h"
#include "tests/bench/support/load.h"
#include "tests/bench/support/rounds.h"

namespace orewatch::bench {
namespace {

constexpr int kCallers = 64;
constexpr double kWarmTarget = 0.5;
constexpr double kColdTarget = 0.12;

// Calls of one method with one request, beside an echo of the same answer.
template <typename Request, typename Response>
Figure Against(const EchoProcess& echo, testing::ServiceProcess& gateway, const Effort& effort,
               const std::string& method,
               grpc::Status (testing::GatewayStub::*call)(grpc::ClientContext*, const Request&, Response*),
               const Request& request, bool warm) {
  testing::GatewayStub stub(gateway.channel());
  const auto answer = testing::Call(stub, call, request);
  if (!answer.ok()) {
    Die(answer.status().ToString());
  }
  const grpc::ByteBuffer asked = BytesOf(request);
  const grpc::ByteBuffer echoed = BytesOf(*answer);
  const Load calls = {ConnectTo(gateway.address()), absl::StrCat("/orewatch.gateway.v1.Gateway/", method),
                      [&asked] { return asked; }};
  const Load echoes = {echo.channel(), kEchoCall, [&echoed] { return echoed; }};
  const Pair rates = MiddleOf(
      effort.rounds, [&] { return CallsPerSecond(calls, kCallers, effort.span); },
      [&] { return CallsPerSecond(echoes, kCallers, effort.span); });
  Figure figure = {
      absl::StrCat(method, warm ? ", warm, " : ", cold, ", answer->ByteSizeLong(), " bytes, ", kCallers, " in flight"),
      "calls/s", rates.subject, "bare echo of the same bytes", rates.baseline};
  figure.at_least = warm ? kWarmTarget : kColdTarget;
  return figure;
}

}  // namespace

std::vector<Figure> MeasureBriefs(const Effort& effort) {
  BriefedServices services;
  const EchoProcess echo;
  gateway::v1::GetSupplierBriefRequest supplier;
  supplier.set_name(BriefedServices::kSupplier);
  const gateway::v1::GetOverviewRequest overview;
  std::vector<Figure> figures;
  for (const bool warm : {true, false}) {
    testing::ServiceProcess& gateway = warm ? services.remembering() : services.forgetful();
    figures.push_back(
        Against(echo, gateway, effort, "GetSupplierBrief", &testing::GatewayStub::GetSupplierBrief, supplier, warm));
    figures.push_back(
        Against(echo, gateway, effort, "GetOverview", &testing::GatewayStub::GetOverview, overview, warm));
  }
  return figures;
}

}  // namespace orewatch::bench
