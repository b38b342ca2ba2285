// absl::Status on the wire and back: the code is kept, details travel as google.rpc.Status.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"

namespace orewatch::rpc {

// With a `trace_id`, the error names it as the id of the request (google.rpc.RequestInfo), whatever it named before.
grpc::Status ToGrpc(const absl::Status& status, absl::string_view trace_id = "");
absl::Status FromGrpc(const grpc::Status& status);

// The name of a code as the metrics of go-grpc-middleware write it, e.g. `NotFound`. Codes run from 0 to 16.
inline constexpr int kCodeCount = 17;
const char* CodeName(int code);

}  // namespace orewatch::rpc
