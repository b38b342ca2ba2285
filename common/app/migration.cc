#include "common/app/migration.h"

#include <utility>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"

ABSL_FLAG(bool, migrate, false,
          "Bring the tables of the database up to date, print what that took, and end. Serves nothing.");

ABSL_DECLARE_FLAG(bool, check_ready);

namespace orewatch::app {

Errand MigrateIfAsked(Migrate migrate) {
  return [migrate = std::move(migrate)]() -> absl::StatusOr<absl::optional<std::string>> {
    if (!absl::GetFlag(FLAGS_migrate)) {
      return absl::optional<std::string>();
    }
    // A probe must change nothing.
    if (absl::GetFlag(FLAGS_check_ready)) {
      return InvalidField("--migrate", "cannot be asked for together with --check_ready");
    }
    OREWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> lines, migrate());
    return absl::make_optional(absl::StrJoin(lines, "\n"));
  };
}

}  // namespace orewatch::app
