// orewatch.gateway.v1.Gateway over the neighbours.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "common/rpc/service.h"
#include "common/time/clock.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "prometheus/counter.h"
#include "prometheus/registry.h"
#include "services/gateway/client/neighbours.h"

namespace orewatch::gateway {

// `countries/{country}` or `blocs/{bloc}`.
bool IsImporterName(absl::string_view name);

struct GatewayDefaults {
  // Used where a request names none.
  std::string critical_list = "US_2025";
  std::string importer = "blocs/EU";
  // For callers without a deadline.
  absl::Duration timeout = absl::Seconds(5);
};

// Fans out at once and answers when the last part is there, or a little before the caller's deadline with what came.
// Thread-safe; outlived by its arguments.
class GatewayService {
 public:
  GatewayService(const GatewayDefaults& defaults, Neighbours& neighbours, const Clock& clock,
                 prometheus::Registry& metrics);
  rpc::Service& service() { return service_; }

 private:
  void GetOverview(const rpc::CallContext& context, const v1::GetOverviewRequest& request,
                   rpc::Respond<v1::Overview> respond);
  void GetMineralBrief(const rpc::CallContext& context, const v1::GetMineralBriefRequest& request,
                       rpc::Respond<v1::MineralBrief> respond);
  // When a part must have come, to leave time for the answer.
  absl::Time PartsDeadline(const rpc::CallContext& context) const;
  void Count(const std::map<std::string, const v1::SectionStatus*>& sections);

  const GatewayDefaults defaults_;
  Neighbours& neighbours_;
  const Clock& clock_;
  prometheus::Counter& answers_;
  prometheus::Family<prometheus::Counter>& partial_;
  rpc::Service service_;
};

}  // namespace orewatch::gateway
