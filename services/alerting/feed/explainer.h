// AlertExplainer over the services that know.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "grpcpp/channel.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/alerting/api/alert_explainer.h"

namespace orewatch::alerting {

// Asks risk for the score as it is explained now and for what changed in it since the revision before the cause, and
// the registry for the change set itself, both in the name of who asks. Thread-safe.
class Explainer final : public AlertExplainer {
 public:
  Explainer(const std::shared_ptr<grpc::Channel>& risk, const std::shared_ptr<grpc::Channel>& registry);
  v1::AlertExplanation Explain(const AlertQuestion& question) override;

 private:
  absl::Status ExplainScore(const AlertQuestion& question, risk::v1::ScoreExplanation& out) const;
  absl::Status FindCause(const AlertQuestion& question, v1::AlertExplanation::Cause& out) const;

  const std::unique_ptr<risk::v1::Risk::Stub> risk_;
  const std::unique_ptr<registry::v1::Registry::Stub> registry_;
};

}  // namespace orewatch::alerting
