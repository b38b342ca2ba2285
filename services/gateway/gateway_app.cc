#include "services/gateway/gateway_app.h"

#include "common/status/status.h"

namespace orewatch::gateway {

absl::Status Check(const GatewayConfig& config) {
  if (!IsImporterName(config.defaults.importer)) {
    return InvalidField("importer", "must be countries/{country} or blocs/{bloc}");
  }
  return absl::OkStatus();
}

GatewayApp::GatewayApp(const GatewayConfig& config, const app::Environment& environment)
    : service_(config.defaults, neighbours_, environment.clock, environment.metrics) {}

}  // namespace orewatch::gateway
