#include "services/gateway/gateway_app.h"

namespace orewatch::gateway {

GatewayApp::GatewayApp(const GatewayConfig& config, const app::Environment& environment)
    : service_(config.defaults, neighbours_, environment.clock, environment.metrics) {}

}  // namespace orewatch::gateway
