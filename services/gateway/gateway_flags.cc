#include "services/gateway/gateway_flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "common/status/status.h"

ABSL_FLAG(std::string, critical_list, orewatch::gateway::GatewayDefaults().critical_list,
          "Official list that is ranked where a request names none.");
ABSL_FLAG(std::string, importer, orewatch::gateway::GatewayDefaults().importer,
          "Importer of the supply-risk column where a request names none.");

namespace orewatch::gateway {

absl::StatusOr<GatewayConfig> ConfigFromFlags() {
  GatewayConfig config;
  config.defaults.critical_list = absl::GetFlag(FLAGS_critical_list);
  config.defaults.importer = absl::GetFlag(FLAGS_importer);
  if (!IsImporterName(config.defaults.importer)) {
    return InvalidField("--importer", "must be countries/{country} or blocs/{bloc}");
  }
  return config;
}

}  // namespace orewatch::gateway
