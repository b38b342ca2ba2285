// orewatch.alerting.v1.Alerting over the engine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/exec/executor.h"
#include "common/rpc/notifier.h"
#include "common/rpc/revision_gate.h"
#include "common/rpc/service.h"
#include "google/protobuf/empty.pb.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// Converts, makes one call, converts back; the contract says what each method answers. Thread-safe; the engine outlives
// it.
class AlertingService {
 public:
  explicit AlertingService(AlertEngine& engine);

  rpc::Service& service() { return service_; }

 private:
  using Source = std::unique_ptr<rpc::StreamSource<v1::WatchAlertsResponse>>;

  void BindRules();
  void BindAlerts();
  void BindDeliveries();
  void OnApplied();
  // Runs `answer` once the scores of a revision have been evaluated. UNAVAILABLE if that does not come in time.
  template <typename Response>
  void AtRevision(const rpc::CallContext& context, int64_t min_revision, rpc::Respond<Response> respond,
                  std::function<void(rpc::Respond<Response>)> answer);
  // On a thread that may block.
  void ReadAlert(const v1::GetAlertRequest& request, const rpc::Respond<v1::Alert>& respond);

  absl::StatusOr<v1::Rule> GetRule(const v1::GetRuleRequest& request) const;
  absl::StatusOr<v1::ListRulesResponse> ListRules(const v1::ListRulesRequest& request) const;
  absl::StatusOr<v1::Rule> CreateRule(const rpc::CallContext& context, const v1::CreateRuleRequest& request);
  absl::StatusOr<v1::Rule> UpdateRule(const rpc::CallContext& context, const v1::UpdateRuleRequest& request);
  absl::StatusOr<google::protobuf::Empty> DeleteRule(const rpc::CallContext& context,
                                                     const v1::DeleteRuleRequest& request);
  absl::StatusOr<v1::Alert> GetAlert(const v1::GetAlertRequest& request) const;
  absl::StatusOr<v1::ListAlertsResponse> ListAlerts(const v1::ListAlertsRequest& request) const;
  absl::StatusOr<Source> WatchAlerts(const v1::WatchAlertsRequest& request, rpc::Waker waker);

  AlertEngine& engine_;
  // Of the revision that the gate has reached.
  std::string lineage_;
  rpc::RevisionGate gate_;
  rpc::Service service_;
  // Reads timelines from the store for callers who have waited for a revision without a thread.
  Executor timelines_;
  // Last: it uses the rest.
  rpc::Notifier::Subscription subscription_;
};

}  // namespace orewatch::alerting
