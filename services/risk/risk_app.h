// The risk service, assembled.
#pragma once

#include <memory>

#include "common/app/environment.h"
#include "common/rpc/service.h"
#include "services/risk/api/risk_service.h"
#include "services/risk/feed/registry_feed.h"
#include "services/risk/risk_metrics.h"

namespace orewatch::risk {

struct RiskConfig {
  Parameters parameters;
};

class RiskApp {
 public:
  RiskApp(const RiskConfig& config, const app::Environment& environment);
  ~RiskApp() { Stop(); }

  rpc::Service& service() { return service_.service(); }
  // Begins to follow the registry.
  void Start(const std::shared_ptr<grpc::Channel>& registry) { feed_.Start(registry); }
  void Stop() { feed_.Stop(); }
  // A snapshot has been loaded.
  bool ready() const { return feed_.Current().has_value(); }

 private:
  void OnPublished(const Publication& publication);

  const Clock& clock_;
  RiskMetrics metrics_;
  RegistryFeed feed_;
  RiskService service_;
};

}  // namespace orewatch::risk
