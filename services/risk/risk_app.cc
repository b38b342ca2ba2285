#include "services/risk/risk_app.h"

#include "absl/time/time.h"
#include "prometheus/registry.h"

namespace orewatch::risk {
namespace {

prometheus::Gauge& Gauge(const app::Environment& environment, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(environment.metrics).Add({});
}

}  // namespace

RiskApp::RiskApp(const RiskConfig& config, const app::Environment& environment)
    : clock_(environment.clock),
      revision_(Gauge(environment, "orewatch_risk_applied_revision", "Newest registry revision applied.")),
      last_applied_(Gauge(environment, "orewatch_risk_last_applied_timestamp_seconds", "When it was applied.")),
      scores_(Gauge(environment, "orewatch_risk_scores", "Scores that are kept current.")),
      feed_(config.parameters, [this] { OnPublished(); }),
      service_(feed_) {}

void RiskApp::OnPublished() {
  const auto current = feed_.Current();
  revision_.Set(static_cast<double>(current->model->revision()));
  scores_.Set(static_cast<double>(current->model->scores().size()));
  last_applied_.Set(absl::ToDoubleSeconds(clock_.Now() - absl::UnixEpoch()));
  service_.OnPublished();
}

}  // namespace orewatch::risk
