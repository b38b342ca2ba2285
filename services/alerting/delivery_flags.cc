#include "services/alerting/delivery_flags.h"

#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/http/client.h"
#include "common/status/status.h"
#include "services/alerting/api/webhook_set.h"

ABSL_FLAG(std::string, alertmanager, "", "URLs of Alertmanager, comma-separated; each address that DNS gives is told.");
ABSL_FLAG(std::string, alertmanager_source, "orewatch", "Label `source`, by which our alerts are known among others.");
ABSL_FLAG(absl::Duration, alertmanager_hold, absl::Hours(48),
          "How long an Alertmanager that does not hear of a firing alert goes on believing it.");
ABSL_FLAG(std::string, alertmanager_hook_address, "", "host:port on which Alertmanager's webhook calls us back.");
ABSL_FLAG(std::string, alertmanager_hook_secret, "", "File with the bearer token of those calls.");
ABSL_FLAG(std::string, webhooks, "", "WebhookSet in text format: further receivers of alerts.");

namespace orewatch::alerting {
namespace {

absl::StatusOr<std::vector<std::string>> ParseUrls(const std::string& text) {
  const std::vector<std::string> urls = absl::StrSplit(text, ',', absl::SkipEmpty());
  for (const std::string& url : urls) {
    OREWATCH_RETURN_IF_ERROR(http::ParseUrlHost("--alertmanager", url).status());
  }
  return urls;
}

}  // namespace

absl::StatusOr<DeliveryConfig> DeliveryFromFlags() {
  DeliveryConfig config;
  OREWATCH_ASSIGN_OR_RETURN(config.alertmanagers, ParseUrls(absl::GetFlag(FLAGS_alertmanager)));
  config.label_sets.source = absl::GetFlag(FLAGS_alertmanager_source);
  if (config.label_sets.source.empty()) {
    return InvalidField("--alertmanager_source", "must not be empty");
  }
  config.label_sets.hold = absl::GetFlag(FLAGS_alertmanager_hold);
  if (config.label_sets.hold < absl::Minutes(4) || config.label_sets.hold > absl::Hours(24 * 30)) {
    return InvalidField("--alertmanager_hold", "must be four minutes to 30 days");
  }
  config.hook_address = absl::GetFlag(FLAGS_alertmanager_hook_address);
  config.hook_secret_file = absl::GetFlag(FLAGS_alertmanager_hook_secret);
  if (config.hook_address.empty() != config.hook_secret_file.empty()) {
    return InvalidField("--alertmanager_hook_secret", "and --alertmanager_hook_address need each other");
  }
  if (const std::string file = absl::GetFlag(FLAGS_webhooks); !file.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(config.webhooks, ReadWebhookSet(file));
  }
  return config;
}

}  // namespace orewatch::alerting
