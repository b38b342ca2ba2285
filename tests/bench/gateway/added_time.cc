#include <algorithm>
#include <functional>

#include "tests/bench/gateway/measures.h"
#include "tests/bench/gateway/services.h"
#include "tests/bench/support/rounds.h"

namespace orewatch::bench {
namespace {

// In milliseconds.
double P99Of(int calls, const std::function<void()>& call) {
  constexpr double kShare = 0.99;
  constexpr double kMilliseconds = 1000;
  std::vector<double> took;
  for (int i = 0; i < calls; ++i) {
    const absl::Time start = absl::Now();
    call();
    took.push_back(kMilliseconds * SecondsSince(start));
  }
  std::sort(took.begin(), took.end());
  return took[static_cast<size_t>(kShare * static_cast<double>(took.size() - 1))];
}

template <typename Stub, typename Request, typename Response>
std::function<void()> CallOf(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                             const Request& request) {
  return [&stub, method, request] {
    if (const auto answer = testing::Call(stub, method, request); !answer.ok()) {
      Die(answer.status().ToString());
    }
  };
}

}  // namespace

std::vector<Figure> MeasureAddedTime(const Effort& effort) {
  BriefedServices services;
  testing::GatewayStub gateway(services.forgetful().channel());
  testing::RegistryStub registry(services.registry().channel());
  testing::RiskStub risk(services.risk().channel());
  testing::AlertingStub alerting(services.alerting().channel());
  gateway::v1::GetSupplierBriefRequest brief;
  brief.set_name(BriefedServices::kSupplier);
  registry::v1::ListFacilitiesRequest facilities;
  facilities.set_parent(BriefedServices::kSupplier);
  registry::v1::ListChangesRequest changes;
  changes.set_name(BriefedServices::kSupplier);
  risk::v1::ExplainScoreRequest score;
  score.mutable_key()->set_subject(BriefedServices::kSupplier);
  score.mutable_key()->set_method(risk::v1::METHOD_OREWATCH_SUPPLIER_2026);
  risk::v1::ListExposuresRequest exposures;
  exposures.set_subject(BriefedServices::kSupplier);
  alerting::v1::ListAlertsRequest alerts;
  alerts.set_filter("state = FIRING");
  const int calls = effort.quick ? 100 : 3000;
  double slowest = 0;
  for (const auto& call : {CallOf(registry, &testing::RegistryStub::ListFacilities, facilities),
                           CallOf(registry, &testing::RegistryStub::ListChanges, changes),
                           CallOf(risk, &testing::RiskStub::ExplainScore, score),
                           CallOf(risk, &testing::RiskStub::ListExposures, exposures),
                           CallOf(alerting, &testing::AlertingStub::ListAlerts, alerts)}) {
    slowest = std::max(slowest, P99Of(calls, call));
  }
  const double whole = P99Of(calls, CallOf(gateway, &testing::GatewayStub::GetSupplierBrief, brief));
  return {{"p99 of GetSupplierBrief, cold, one at a time", "ms", whole, "p99 of the slowest of its calls", slowest}};
}

}  // namespace orewatch::bench
