// The risk service, assembled.
#pragma once

#include <functional>
#include <memory>
#include <utility>

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
  // Begins to follow the registry. `ready` is called when a snapshot has been loaded, and at every revision after.
  void Start(const std::shared_ptr<grpc::Channel>& registry, std::function<void()> ready) {
    ready_ = std::move(ready);
    feed_.Start(registry);
  }
  void Stop() { feed_.Stop(); }

 private:
  void OnPublished(const Publication& publication);

  const Clock& clock_;
  RiskMetrics metrics_;
  std::function<void()> ready_;
  RegistryFeed feed_;
  RiskService service_;
};

}  // namespace orewatch::risk
