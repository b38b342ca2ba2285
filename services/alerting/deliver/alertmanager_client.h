// The calls of Alertmanager's API v2 that a sender needs, to one replica each.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/http/client.h"
#include "services/alerting/deliver/posted_alert.h"
#include "services/alerting/deliver/replicas.h"

namespace orewatch::alerting {

// Thread-compatible; the client outlives it.
class AlertmanagerClient {
 public:
  explicit AlertmanagerClient(http::Client& client) : client_(client) {}

  // OK: the replica holds them all, in memory. INVALID_ARGUMENT: it refuses one at least and holds some of the others.
  // Else as http::Client::Send, or UNAVAILABLE.
  absl::Status Post(const Replica& replica, absl::Span<const PostedAlert* const> alerts, absl::Duration timeout);
  // OK: somebody answers there, whatever he says. Else as http::Client::Send.
  absl::Status Probe(const Replica& replica, absl::Duration timeout);
  // What the replica holds with this label `source`.
  absl::StatusOr<std::vector<HeldAlert>> Held(const Replica& replica, const std::string& source,
                                              absl::Duration timeout);

 private:
  http::Client& client_;
};

}  // namespace orewatch::alerting
