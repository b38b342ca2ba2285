#include "services/gateway/gateway_app.h"

#include <algorithm>

namespace orewatch::gateway {

GatewayApp::GatewayApp(const GatewayConfig& config, const app::Environment& environment)
    : positions_(clock_),
      parts_metrics_(environment.metrics, "parts"),
      answers_metrics_(environment.metrics, "answers"),
      parts_(config.cache_bytes, parts_metrics_),
      answers_(config.cache_bytes, answers_metrics_),
      registry_("registry", config.stack, {parts_, positions_.registry(), clock_, timers_, environment.metrics}),
      risk_("risk", config.stack, {parts_, positions_.risk(), clock_, timers_, environment.metrics}),
      alerting_("alerting", OfAlerting(config.stack),
                {parts_, positions_.alerting(), clock_, timers_, environment.metrics}),
      neighbours_({registry_.top(), risk_.top(), alerting_.top()}),
      feed_(positions_, clock_, timers_),
      service_(config.defaults, {neighbours_, positions_, answers_, feed_, clock_, environment.metrics}) {}

GatewayApp::~GatewayApp() {
  registry_.Stop();
  risk_.Stop();
  alerting_.Stop();
}

StackOptions GatewayApp::OfAlerting(StackOptions options) {
  options.cache.fresh_for = std::min(options.cache.fresh_for, AnswerMemory::kLongest);
  return options;
}

void GatewayApp::Start(const Channels& neighbours) {
  registry_.Connect(neighbours.registry);
  risk_.Connect(neighbours.risk);
  alerting_.Connect(neighbours.alerting);
  feed_.Connect(neighbours);
  positions_.Start(neighbours);
}

}  // namespace orewatch::gateway
