// Sends rows to the registry.
#pragma once

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/client/client.h"

namespace orewatch::ctl {

struct ImportMode {
  bool atomic = false;
  bool validate_only = false;
};

// Streams the rows in bounded batches and returns the registry's report. `sent` is told of each batch. Returns the
// status of the call; rejected rows are no error of it.
absl::StatusOr<registry::v1::ImportResponse> SendRows(const Client& client,
                                                      const std::vector<registry::v1::ImportRequest::Row>& rows,
                                                      const ImportMode& mode, absl::FunctionRef<void(size_t)> sent);

}  // namespace orewatch::ctl
