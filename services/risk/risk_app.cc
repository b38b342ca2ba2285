#include "services/risk/risk_app.h"

namespace orewatch::risk {

RiskApp::RiskApp(const RiskConfig& config, const app::Environment& environment)
    : clock_(environment.clock),
      metrics_(environment.metrics),
      feed_(config.parameters, [this](const Publication& publication) { OnPublished(publication); }),
      service_(feed_) {}

void RiskApp::OnPublished(const Publication& publication) {
  metrics_.Publish(*feed_.Current()->model, publication, feed_.known_head(), clock_.Now());
  service_.OnPublished();
  ready_();
}

}  // namespace orewatch::risk
