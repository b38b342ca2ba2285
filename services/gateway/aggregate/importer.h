// The importer that a caller named, looked up in the registry.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/gateway/client/part.h"

namespace orewatch::gateway {

struct ImporterPart {
  // Empty: none was named, and none is looked up.
  std::string name;
  Part<registry::v1::BatchGetResponse> found;
};

// NOT_FOUND with reason IMPORTER_NOT_FOUND if that is how looking the importer up ended, else OK: what the registry
// could not say is no fault of the caller's.
absl::Status CheckImporter(const ImporterPart& importer);

}  // namespace orewatch::gateway
