// The gateway, assembled.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/app/environment.h"
#include "common/rpc/service.h"
#include "services/gateway/api/gateway_service.h"

namespace orewatch::gateway {

struct GatewayConfig {
  GatewayDefaults defaults;
  Neighbours::Channels neighbours;
};

class GatewayApp {
 public:
  // Connects lazily: neighbours need not be there yet.
  GatewayApp(const GatewayConfig& config, const app::Environment& environment);
  rpc::Service& service() { return service_.service(); }

 private:
  Neighbours neighbours_;
  GatewayService service_;
};

}  // namespace orewatch::gateway
