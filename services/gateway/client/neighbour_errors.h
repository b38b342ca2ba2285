// What a neighbour's error means to a caller of the gateway.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/time/clock.h"

namespace orewatch::gateway {

// The neighbour does not let the gateway itself in: its own credential, or its right to speak for others, is at fault.
inline constexpr char kGatewayNotAuthorized[] = "GATEWAY_NOT_AUTHORIZED";

// Thread-safe; outlived by the clock. What callers are not told goes to the log, and each sort of it at most every ten
// seconds.
class NeighbourErrors {
 public:
  NeighbourErrors(std::string neighbour, const Clock& clock) : neighbour_(std::move(neighbour)), clock_(clock) {}

  // The same where the neighbour speaks of the caller or of the question. UNAVAILABLE, reason GATEWAY_NOT_AUTHORIZED,
  // where it refuses the gateway: callers can do nothing about that. Where no service of ours spoke, a sentence without
  // addresses and the reason NEIGHBOUR_UNREACHABLE, NEIGHBOUR_TOO_SLOW or NEIGHBOUR_FAILED.
  absl::Status ToCaller(const absl::Status& status) const;

 private:
  bool IsTime(std::atomic<int64_t>& next) const;
  absl::Status Refused(const absl::Status& status) const;
  absl::Status OfTransport(const absl::Status& status, const char* reason, const char* what) const;

  const std::string neighbour_;
  const Clock& clock_;
  // When the next line may be written, in nanoseconds of Unix time.
  mutable std::atomic<int64_t> next_refused_{0};
  mutable std::atomic<int64_t> next_of_transport_{0};
};

}  // namespace orewatch::gateway
