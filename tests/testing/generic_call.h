// A call of any method with any bytes, well formed or not.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/channel.h"

namespace orewatch::testing {

// Sends one message, and waits for one answer and the status. A stream that has begun well ends with the deadline.
absl::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel,
                           const google::protobuf::MethodDescriptor& method, const std::string& bytes,
                           absl::Duration timeout = absl::Seconds(20),
                           const std::vector<std::pair<std::string, std::string>>& metadata = {});

// The request of a method in text format, serialised.
std::string RequestBytes(const google::protobuf::MethodDescriptor& method, const std::string& text);

}  // namespace orewatch::testing
