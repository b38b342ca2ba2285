// The API over an engine and a store in memory, called through the handlers that the server would call.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/testing/matchers.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/alerting/api/alerting_service.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {

class ApiTest : public ::testing::Test {
 protected:
  using Watcher = rpc::Service::ErasedSource;

  explicit ApiTest(std::vector<DeliveryTarget> targets = {})
      : metrics_(registry_),
        store_(*SqliteAlertStore::Open(":memory:")),
        engine_(*AlertEngine::Open(
            {.store = *store_, .clock = clock_, .metrics = metrics_, .targets = std::move(targets)})),
        api_(*engine_) {}

  const rpc::Service::Method& Method(const std::string& name) { return api_.service().methods().at(name); }
  static rpc::CallContext CallerOf(const std::string& principal) {
    return {rpc::Caller{principal}, absl::InfiniteFuture()};
  }

  template <typename Response>
  absl::StatusOr<Response> Call(const std::string& method, const google::protobuf::Message& request,
                                const std::string& principal = "anonymous") {
    absl::StatusOr<Response> answer = absl::InternalError("no answer");
    absl::Notification answered;
    Method(method).unary(CallerOf(principal), request, [&](absl::StatusOr<rpc::Service::MessagePtr> message) {
      if (message.ok()) {
        answer = static_cast<const Response&>(**message);
      } else {
        answer = message.status();
      }
      answered.Notify();
    });
    answered.WaitForNotification();
    return answer;
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> CallText(const std::string& method, const std::string& request,
                                    const std::string& principal = "anonymous") {
    return Call<Response>(method, testing::ParseProto<Request>(request), principal);
  }

  absl::StatusOr<v1::Rule> Create(const std::string& request, const std::string& principal = "anonymous") {
    return CallText<v1::Rule, v1::CreateRuleRequest>("CreateRule", request, principal);
  }
  absl::StatusOr<v1::Rule> Get(const std::string& name) {
    return CallText<v1::Rule, v1::GetRuleRequest>("GetRule", absl::StrCat("name: '", name, "'"));
  }
  absl::StatusOr<v1::Rule> Update(const std::string& request) {
    return CallText<v1::Rule, v1::UpdateRuleRequest>("UpdateRule", request);
  }
  absl::StatusOr<google::protobuf::Empty> Delete(const std::string& request) {
    return CallText<google::protobuf::Empty, v1::DeleteRuleRequest>("DeleteRule", request);
  }
  absl::StatusOr<v1::ListRulesResponse> ListRules(const std::string& request) {
    return CallText<v1::ListRulesResponse, v1::ListRulesRequest>("ListRules", request);
  }
  absl::StatusOr<v1::ListAlertsResponse> ListAlerts(const std::string& request) {
    return CallText<v1::ListAlertsResponse, v1::ListAlertsRequest>("ListAlerts", request);
  }
  absl::StatusOr<v1::Alert> GetAlert(const std::string& name) {
    return CallText<v1::Alert, v1::GetAlertRequest>("GetAlert", absl::StrCat("name: '", name, "'"));
  }
  absl::StatusOr<Watcher> Watch(
      int64_t after, rpc::Waker waker = [] {}) {
    v1::WatchAlertsRequest request;
    request.set_after_sequence(after);
    return Method("WatchAlerts").open_source(CallerOf("anonymous"), request, std::move(waker));
  }

  // A rule over HHI at every stage, raised at 5000 and cleared below 4500.
  void CreateRule(const std::string& id, const std::string& severity = "SEVERITY_WARNING") {
    ASSERT_THAT(Create(absl::StrCat("rule_id: '", id, "' rule { target { method: METHOD_HHI } threshold { raise: 5000",
                                    " clear: 4500 } severity: ", severity, " }")),
                testing::IsOk());
  }
  // The HHI of a mineral's refining in a new revision.
  void Score(const std::string& mineral, std::optional<double> value, const Certainty& certainty = {}) {
    ScoreValue score;
    score.key = {.subject = absl::StrCat("minerals/", mineral),
                 .stage = type::v1::STAGE_REFINE,
                 .importer = "",
                 .method = risk::v1::METHOD_HHI};
    score.value = value;
    score.certainty = certainty;
    score.revision = ++revision_;
    ScoreBatch batch;
    batch.revision.lineage = "lineage";
    batch.revision.number = revision_;
    batch.scores.push_back(score);
    ASSERT_THAT(engine_->ApplyScores(batch), testing::IsOk());
  }

  FakeClock clock_{TimeOf(30000000)};
  prometheus::Registry registry_;
  AlertMetrics metrics_;
  std::unique_ptr<AlertStore> store_;
  std::unique_ptr<AlertEngine> engine_;
  AlertingService api_;
  int64_t revision_ = 0;
};

}  // namespace orewatch::alerting
