// What every request must satisfy, whatever its type.
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace orewatch::rpc {

// INVALID_ARGUMENT naming each field that holds a number that is not finite, an enum value that its type does not have,
// a negative page_size or min_revision, or an oversized request_id or page_token; it looks no further than the error
// can tell. Nesting is bounded by the parser.
absl::Status ValidateRequest(const google::protobuf::Message& request);

}  // namespace orewatch::rpc
