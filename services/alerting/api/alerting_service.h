// orewatch.alerting.v1.Alerting over the engine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/exec/executor.h"
#include "common/rpc/notifier.h"
#include "common/rpc/revision_gate.h"
#include "common/rpc/service.h"
#include "google/protobuf/empty.pb.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/api/alert_explainer.h"
#include "services/alerting/api/alert_listing.h"
#include "services/alerting/api/past_source.h"
#include "services/alerting/api/registry_head.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// Converts, makes one call, converts back; the contract says what each method answers. Thread-safe; the engine outlives
// it.
class AlertingService {
 public:
  explicit AlertingService(AlertEngine& engine, const AcknowledgementPolicy& policy = {});
  // Who is asked for explanations from now on; nobody yet: they say that they are missing.
  void ExplainWith(std::shared_ptr<AlertExplainer> explainer);
  // Who is asked from now on whether a revision exists; nobody yet: callers wait for it in any case.
  void CompareWith(std::shared_ptr<RegistryHead> head);
  // Who is asked from now on for what rules are tested with; nobody yet: that is UNAVAILABLE.
  void RehearseWith(std::shared_ptr<PastSource> past);

  rpc::Service& service() { return service_; }

 private:
  using Source = std::unique_ptr<rpc::StreamSource<v1::WatchAlertsResponse>>;

  void BindRules();
  void BindAlerts();
  void BindDeliveries();
  void OnApplied();
  // Runs `answer` once the scores of a revision have been evaluated. UNAVAILABLE if that does not come in time, and
  // OUT_OF_RANGE at once if the registry has no such revision.
  template <typename Response>
  void AtRevision(const rpc::CallContext& context, int64_t min_revision, rpc::Respond<Response> respond,
                  std::function<void(rpc::Respond<Response>)> answer);
  // Says whether `revision` has been evaluated, or when it is.
  void Await(const rpc::CallContext& context, int64_t revision, std::function<void(const absl::Status&)> done);
  // Answers on a thread that may block.
  template <typename Response>
  static void AnswerOn(Executor& executor, const rpc::Respond<Response>& respond,
                       std::function<absl::StatusOr<Response>()> answer);
  // Binds a method that acts on one alert.
  template <typename Request>
  void BindAction(const std::string& method);
  template <typename Request>
  absl::StatusOr<v1::Alert> Act(const rpc::CallContext& context, const Request& request);
  std::shared_ptr<PastSource> past() const ABSL_LOCKS_EXCLUDED(mutex_);
  Asker AskerOf(const rpc::CallContext& context) const { return {context.principal(), engine_.clock().Now()}; }

  absl::StatusOr<v1::Rule> GetRule(const rpc::CallContext& context, const v1::GetRuleRequest& request) const;
  absl::StatusOr<v1::ListRulesResponse> ListRules(const rpc::CallContext& context,
                                                  const v1::ListRulesRequest& request) const;
  absl::StatusOr<v1::Rule> CreateRule(const rpc::CallContext& context, const v1::CreateRuleRequest& request);
  absl::StatusOr<v1::Rule> UpdateRule(const rpc::CallContext& context, const v1::UpdateRuleRequest& request);
  absl::StatusOr<google::protobuf::Empty> DeleteRule(const rpc::CallContext& context,
                                                     const v1::DeleteRuleRequest& request);
  absl::StatusOr<v1::Alert> GetAlert(const rpc::CallContext& context, const v1::GetAlertRequest& request) const;
  void Explain(const rpc::CallContext& context, v1::Alert& alert) const;
  absl::StatusOr<Source> WatchAlerts(const rpc::CallContext& context, const v1::WatchAlertsRequest& request,
                                     const rpc::Waker& waker);

  AlertEngine& engine_;
  const AcknowledgementPolicy policy_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<AlertExplainer> explainer_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<RegistryHead> head_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<PastSource> past_ ABSL_GUARDED_BY(mutex_);
  // Of the revision that the gate has reached.
  std::string lineage_;
  rpc::RevisionGate gate_;
  rpc::Service service_;
  // Reads timelines from the store, and searches, for callers who have waited for a revision without a thread.
  Executor timelines_;
  // Asks other services, which may be slow.
  Executor explanations_;
  Executor rehearsals_;
  // Last: it uses the rest.
  rpc::Notifier::Subscription subscription_;
};

}  // namespace orewatch::alerting
