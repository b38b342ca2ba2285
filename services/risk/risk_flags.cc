#include "services/risk/risk_flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "common/status/status.h"
#include "services/risk/parameter_flags.h"

ABSL_FLAG(std::string, data_dir, "", "Folder of the embedded score history; empty: none is kept without --database.");
ABSL_FLAG(std::string, database, "",
          "A PostgreSQL database for the score history, which replicas share: postgres://user@host/name or key=value "
          "pairs. What it leaves out comes from PGHOST, PGUSER, ... The password never stands here, but in PGPASSWORD, "
          "~/.pgpass or the file that PGPASSFILE names.");
ABSL_FLAG(int32_t, database_connections, 4, "Connections to --database for reads; one more writes.");

namespace orewatch::risk {

absl::StatusOr<RiskConfig> ConfigFromFlags() {
  RiskConfig config;
  OREWATCH_ASSIGN_OR_RETURN(config.parameters, ParametersFromFlags());
  OREWATCH_ASSIGN_OR_RETURN(config.dataset_ages, DatasetAgesFromFlags());
  config.data_dir = absl::GetFlag(FLAGS_data_dir);
  config.database = absl::GetFlag(FLAGS_database);
  config.database_connections = absl::GetFlag(FLAGS_database_connections);
  if (config.database_connections <= 0) {
    return InvalidField("--database_connections", "must be positive");
  }
  return config;
}

}  // namespace orewatch::risk
