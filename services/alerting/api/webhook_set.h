// The file that says which webhooks there are.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/alerting/deliver/webhook.h"

namespace orewatch::alerting {

// Reads a WebhookSet in text format. NOT_FOUND if the file cannot be read, INVALID_ARGUMENT with the line or the
// webhook if it is none, or if a secret cannot be used.
absl::StatusOr<std::vector<WebhookEndpoint>> ReadWebhookSet(const std::string& path);

}  // namespace orewatch::alerting
