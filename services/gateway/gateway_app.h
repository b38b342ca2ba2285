// The gateway, assembled.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "common/app/environment.h"
#include "common/rpc/service.h"
#include "services/gateway/api/gateway_service.h"

namespace orewatch::gateway {

struct GatewayConfig {
  GatewayDefaults defaults;
};

// INVALID_ARGUMENT if the default importer is no name of one.
absl::Status Check(const GatewayConfig& config);

class GatewayApp {
 public:
  // The configuration has been checked.
  GatewayApp(const GatewayConfig& config, const app::Environment& environment);
  rpc::Service& service() { return service_.service(); }
  // Neighbours need not be there yet.
  void Start(const Neighbours::Channels& neighbours) { neighbours_.Connect(neighbours); }

 private:
  Neighbours neighbours_;
  GatewayService service_;
};

}  // namespace orewatch::gateway
