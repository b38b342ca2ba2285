// One webhook, and the message that it is sent.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/http/client.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

struct WebhookEndpoint {
  std::string name;
  std::string url;
  std::string secret_file;
  std::string principal = {};
  Severity least_severity = Severity::kUnspecified;
};

// A change of an alert, for people who are not of this house.
struct AlertEvent {
  int64_t sequence = 0;
  std::string alert_id;
  // `fired`, `changed` or `resolved`.
  std::string kind;
  absl::Time time;
  // JSON of the alert and the change.
  std::string data;
};

// `whsec_` and base64 of 24 to 64 bytes, a line each, one at least. INVALID_ARGUMENT that blames `field`.
absl::StatusOr<std::vector<std::string>> ParseWebhookSecrets(absl::string_view field, absl::string_view text);

// CloudEvents 1.0 in structured mode. The same for each attempt.
std::string ToCloudEvent(const AlertEvent& event, absl::string_view source);

// Standard Webhooks: by which the receiver knows the message and the sender.
std::string WebhookId(const AlertEvent& event);
std::vector<std::pair<std::string, std::string>> SignedHeaders(absl::string_view id, absl::Time now,
                                                               absl::string_view body,
                                                               const std::vector<std::string>& secrets);

}  // namespace orewatch::alerting
