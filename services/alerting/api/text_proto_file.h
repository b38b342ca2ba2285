// Settings that are a message in text format.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace orewatch::alerting {

// NOT_FOUND, reason FILE_NOT_FOUND, if the file cannot be read; INVALID_ARGUMENT, with `reason` and the line, if it
// does not hold the message. `what` says what is in it, for people.
absl::Status ReadTextProto(const std::string& path, absl::string_view what, absl::string_view reason,
                           google::protobuf::Message& out);

}  // namespace orewatch::alerting
