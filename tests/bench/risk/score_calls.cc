#include "absl/strings/str_cat.h"
#include "tests/bench/risk/measures.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/echo_process.h"
#include "tests/bench/support/load.h"
#include "tests/bench/support/rounds.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::bench {
namespace {

constexpr int kCallers = 64;

// Calls of one method with one request, beside an echo of the same answer.
template <typename Request, typename Response>
Figure Against(const EchoProcess& echo, testing::EmbeddedSuite& suite, const Effort& effort, const std::string& method,
               grpc::Status (testing::RiskStub::*call)(grpc::ClientContext*, const Request&, Response*),
               const Request& request) {
  const auto answer = testing::Call(suite.risk, call, request);
  if (!answer.ok()) {
    Die(answer.status().ToString());
  }
  const grpc::ByteBuffer asked = BytesOf(request);
  const grpc::ByteBuffer echoed = BytesOf(*answer);
  const Load calls = {ConnectTo(suite.process().address()), absl::StrCat("/orewatch.risk.v1.Risk/", method),
                      [&asked] { return asked; }};
  const Load echoes = {echo.channel(), kEchoCall, [&echoed] { return echoed; }};
  const Pair rates = MiddleOf(
      effort.rounds, [&] { return CallsPerSecond(calls, kCallers, effort.span); },
      [&] { return CallsPerSecond(echoes, kCallers, effort.span); });
  return {absl::StrCat(method, " of ", answer->ByteSizeLong(), " bytes, ", kCallers, " in flight"), "calls/s",
          rates.subject, "bare echo of the same bytes", rates.baseline};
}

}  // namespace

std::vector<Figure> MeasureScoreCalls(const Effort& effort) {
  testing::EmbeddedSuite suite;
  suite.ImportBundledData();
  const EchoProcess echo;
  risk::v1::GetScoreRequest get;
  *get.mutable_key() = testing::MineHhi("cobalt");
  get.set_min_revision(testing::Call(suite.registry, &testing::RegistryStub::GetHead, {})->revision().number());
  risk::v1::ListScoresRequest list;
  list.set_page_size(100);
  return {Against(echo, suite, effort, "GetScore", &testing::RiskStub::GetScore, get),
          Against(echo, suite, effort, "ListScores", &testing::RiskStub::ListScores, list)};
}

}  // namespace orewatch::bench
