// The gateway, assembled.
#pragma once

#include <memory>

#include "common/app/environment.h"
#include "common/rpc/service.h"
#include "services/gateway/api/gateway_service.h"

namespace orewatch::gateway {

struct GatewayConfig {
  GatewayDefaults defaults;
};

class GatewayApp {
 public:
  GatewayApp(const GatewayConfig& config, const app::Environment& environment);
  rpc::Service& service() { return service_.service(); }
  // Neighbours need not be there yet.
  void Start(const Neighbours::Channels& neighbours) { neighbours_.Connect(neighbours); }

 private:
  Neighbours neighbours_;
  GatewayService service_;
};

}  // namespace orewatch::gateway
