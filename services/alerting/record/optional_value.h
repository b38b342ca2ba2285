// Fields that may be unset.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "common/time/proto_time.h"

namespace orewatch::alerting {

template <typename Message>
std::optional<double> ValueOf(const Message& message) {
  return message.has_value() ? std::optional(message.value()) : std::nullopt;
}

template <typename Message>
std::optional<double> LowerOf(const Message& message) {
  return message.has_lower() ? std::optional(message.lower()) : std::nullopt;
}

template <typename Message>
std::optional<double> UpperOf(const Message& message) {
  return message.has_upper() ? std::optional(message.upper()) : std::nullopt;
}

inline std::optional<absl::Time> TimeIf(bool set, const google::protobuf::Timestamp& time) {
  return set ? std::optional(orewatch::FromProto(time)) : std::nullopt;
}

}  // namespace orewatch::alerting
