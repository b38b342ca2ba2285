// The risk service, assembled.
#pragma once

#include <memory>

#include "common/app/environment.h"
#include "common/rpc/service.h"
#include "prometheus/gauge.h"
#include "services/risk/api/risk_service.h"
#include "services/risk/feed/registry_feed.h"

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
  void OnPublished();

  const Clock& clock_;
  prometheus::Gauge& revision_;
  prometheus::Gauge& last_applied_;
  prometheus::Gauge& scores_;
  RegistryFeed feed_;
  RiskService service_;
};

}  // namespace orewatch::risk
