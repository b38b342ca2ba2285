#include "common/storage/schema.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::storage {

std::string Describe(const Migration& migration) {
  if (migration.from == migration.to) {
    return absl::StrCat("schema ", migration.to, ", nothing to do");
  }
  return migration.from == 0 ? absl::StrCat("new, schema ", migration.to)
                             : absl::StrCat("schema ", migration.from, " to ", migration.to);
}

absl::Status CheckUsable(const Schema& schema, int version, int oldest_user) {
  if (oldest_user > schema.newest()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_NEW",
                     absl::StrCat(schema.database, " has schema ", version, "; this binary knows ", schema.newest()));
  }
  if (version < schema.first) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "SCHEMA_TOO_OLD",
                     absl::StrCat(schema.database, " has schema ", version,
                                  ", made before the first release; export it with the binary that made it, and import "
                                  "it into a new one"));
  }
  return absl::OkStatus();
}

absl::Status OfStep(const char* database, int version, const absl::Status& status) {
  return status.ok() ? status
                     : WithContext(status, absl::StrCat(database, ", the step to schema ", version, ": "),
                                   {{"schema", absl::StrCat(version)}});
}

}  // namespace orewatch::storage
