#include "services/gateway/gateway_flags.h"

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "common/status/status.h"

ABSL_FLAG(std::string, critical_list, orewatch::gateway::GatewayDefaults().overview.critical_list,
          "Official list that is ranked where a request names none.");
ABSL_FLAG(std::string, importer, orewatch::gateway::GatewayDefaults().overview.importer,
          "Importer of the supply-risk column where a request names none.");
ABSL_FLAG(int64_t, gateway_cache_bytes, static_cast<int64_t>(orewatch::gateway::GatewayConfig().cache_bytes),
          "Bytes that each of the gateway's two caches holds at most; 0: it remembers nothing.");
ABSL_FLAG(absl::Duration, gateway_stale_for, orewatch::gateway::GatewayConfig().stack.cache.stale_for,
          "How old an answer may be that is told, marked STALE, while a service cannot be asked; 0: none is.");
ABSL_FLAG(absl::Duration, longest_answer, orewatch::gateway::GatewayDefaults().longest,
          "How long an answer may take at most, whatever its caller's deadline is.");

namespace orewatch::gateway {

absl::StatusOr<GatewayConfig> ConfigFromFlags() {
  GatewayConfig config;
  config.defaults.overview.critical_list = absl::GetFlag(FLAGS_critical_list);
  config.defaults.overview.importer = absl::GetFlag(FLAGS_importer);
  if (!IsImporterName(config.defaults.overview.importer)) {
    return InvalidField("--importer", "must be countries/{country} or blocs/{bloc}");
  }
  const int64_t cache_bytes = absl::GetFlag(FLAGS_gateway_cache_bytes);
  if (cache_bytes < 0) {
    return InvalidField("--gateway_cache_bytes", "must not be negative");
  }
  config.cache_bytes = static_cast<size_t>(cache_bytes);
  config.stack.cache.stale_for = absl::GetFlag(FLAGS_gateway_stale_for);
  if (config.stack.cache.stale_for < absl::ZeroDuration()) {
    return InvalidField("--gateway_stale_for", "must not be negative");
  }
  config.defaults.longest = absl::GetFlag(FLAGS_longest_answer);
  if (config.defaults.longest <= absl::ZeroDuration()) {
    return InvalidField("--longest_answer", "must be positive");
  }
  return config;
}

}  // namespace orewatch::gateway
