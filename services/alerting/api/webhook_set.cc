#include "services/alerting/api/webhook_set.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "common/status/status.h"
#include "orewatch/alerting/v1/delivery.pb.h"
#include "services/alerting/api/text_proto_file.h"
#include "services/alerting/deliver/secret_file.h"
#include "services/alerting/domain/delivery.h"

namespace orewatch::alerting {
namespace {

absl::Status Malformed(const std::string& path, absl::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_WEBHOOK_SET", absl::StrCat(path, ": ", what));
}

absl::Status Check(const v1::Webhook& webhook) {
  if (!IsValidRuleId(webhook.name()) || webhook.name() == kAlertmanagerTarget) {
    return InvalidField("name", "must be [a-z0-9][a-z0-9-]{0,62}, and not `alertmanager`");
  }
  OREWATCH_RETURN_IF_ERROR(http::ParseUrlHost("url", webhook.url()).status());
  OREWATCH_ASSIGN_OR_RETURN(const std::string secrets, ReadSecretFile(webhook.secret_file()));
  return ParseWebhookSecrets("secret_file", secrets).status();
}

}  // namespace

absl::StatusOr<std::vector<WebhookEndpoint>> ReadWebhookSet(const std::string& path) {
  v1::WebhookSet parsed;
  OREWATCH_RETURN_IF_ERROR(ReadTextProto(path, "the webhooks", "INVALID_WEBHOOK_SET", parsed));
  std::vector<WebhookEndpoint> webhooks;
  std::set<std::string> names;
  for (const v1::Webhook& webhook : parsed.webhooks()) {
    if (const absl::Status valid = Check(webhook); !valid.ok()) {
      return Malformed(path, absl::StrCat("webhook `", webhook.name(), "`: ", valid.message()));
    }
    if (!names.insert(webhook.name()).second) {
      return Malformed(path, absl::StrCat("webhook `", webhook.name(), "` stands there twice"));
    }
    webhooks.push_back({.name = webhook.name(),
                        .url = webhook.url(),
                        .secret_file = webhook.secret_file(),
                        .principal = webhook.principal(),
                        .least_severity = static_cast<Severity>(webhook.least_severity())});
  }
  return webhooks;
}

}  // namespace orewatch::alerting
