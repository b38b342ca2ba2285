// What settings may be: each error names the setting and says what it must be.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orewatch::config {

struct HostPort {
  std::string host;
  int port = 0;
};

// `host:port` with a port of 0 to 65535, the host as it stands (an IPv6 address in brackets). INVALID_ARGUMENT that
// blames `setting`.
absl::StatusOr<HostPort> ParseHostPort(const std::string& setting, absl::string_view text);

// Whether only this machine can reach it: 127.0.0.0/8, [::1] and localhost.
bool IsLoopback(absl::string_view host);

// Where another server is: `host:port` with a port above 0, or several behind a scheme, as gRPC takes them
// (dns:///name:port, ipv4:a:p,b:p).
absl::Status CheckTarget(const std::string& setting, absl::string_view text);

absl::Status CheckBetween(const std::string& setting, int64_t value, int64_t least, int64_t most);
// From zero to `most`.
absl::Status CheckDuration(const std::string& setting, absl::Duration value, absl::Duration most);

}  // namespace orewatch::config
