#include "services/gateway/aggregate/importer.h"

#include "common/status/status.h"

namespace orewatch::gateway {

absl::Status CheckImporter(const ImporterPart& importer) {
  const absl::Status& status = importer.found.status();
  // A name of which there can be no resource.
  const bool none = absl::IsNotFound(status) || absl::IsInvalidArgument(status);
  return none ? MakeError(absl::StatusCode::kNotFound, "IMPORTER_NOT_FOUND", status.message()) : absl::OkStatus();
}

}  // namespace orewatch::gateway
