#include "services/registry/registry_flags.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "common/status/status.h"
#include "services/registry/domain/visibility.h"

ABSL_FLAG(std::string, data_dir, "orewatch-data/registry", "Folder of the embedded database.");
ABSL_FLAG(std::string, database, "",
          "A PostgreSQL database, which replicas may share, instead of the embedded one: postgres://user@host/name or "
          "key=value pairs. What it leaves out comes from PGHOST, PGUSER, ... The password never stands here, but in "
          "PGPASSWORD, ~/.pgpass or the file that PGPASSFILE names.");
ABSL_FLAG(int32_t, database_connections, 8, "Connections to --database for reads; two more write and listen.");
ABSL_FLAG(
    std::vector<std::string>, trusted_followers, std::vector<std::string>({"orewatch-alerting", "orewatch-risk"}),
    "Principals to whom Watch and Export show everything. Services that show it on only to those who may read it.");

namespace orewatch::registry {

absl::StatusOr<RegistryConfig> ConfigFromFlags() {
  RegistryConfig config;
  config.data_dir = absl::GetFlag(FLAGS_data_dir);
  config.database = absl::GetFlag(FLAGS_database);
  config.database_connections = absl::GetFlag(FLAGS_database_connections);
  if (config.database_connections <= 0) {
    return InvalidField("--database_connections", "must be positive");
  }
  const std::vector<std::string> trusted = absl::GetFlag(FLAGS_trusted_followers);
  if (!std::all_of(trusted.begin(), trusted.end(), IsPrincipal)) {
    return InvalidField("--trusted_followers", "must be names of principals: 1 to 128 visible ASCII characters each");
  }
  config.trusted_followers = {trusted.begin(), trusted.end()};
  return config;
}

}  // namespace orewatch::registry
