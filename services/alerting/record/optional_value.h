// The one optional field that scores and alerts share.
#pragma once

#include <optional>

namespace orewatch::alerting {

template <typename Message>
std::optional<double> ValueOf(const Message& message) {
  return message.has_value() ? std::optional(message.value()) : std::nullopt;
}

}  // namespace orewatch::alerting
