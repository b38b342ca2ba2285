#include "services/alerting/deliver/webhook.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/hash/sha256.h"
#include "common/status/status.h"
#include "services/alerting/deliver/json_text.h"

namespace orewatch::alerting {
namespace {

constexpr char kSecretPrefix[] = "whsec_";
constexpr size_t kLeastSecretBytes = 24;
constexpr size_t kMostSecretBytes = 64;
constexpr size_t kMostSecrets = 4;

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseWebhookSecrets(absl::string_view field, absl::string_view text) {
  std::vector<std::string> secrets;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) {
      continue;
    }
    std::string secret;
    if (!absl::ConsumePrefix(&line, kSecretPrefix) || !absl::Base64Unescape(line, &secret) ||
        secret.size() < kLeastSecretBytes || secret.size() > kMostSecretBytes) {
      return InvalidField(field, "must hold lines of whsec_ and base64 of 24 to 64 bytes");
    }
    secrets.push_back(std::move(secret));
  }
  if (secrets.empty() || secrets.size() > kMostSecrets) {
    return InvalidField(field, absl::StrCat("must hold one to ", kMostSecrets, " secrets"));
  }
  return secrets;
}

std::string ToCloudEvent(const AlertEvent& event, absl::string_view source) {
  nlohmann::json data = ParseJson(event.data);
  return Dump({{"specversion", "1.0"},
               {"id", absl::StrCat(event.alert_id, "/", event.sequence)},
               {"source", std::string(source)},
               {"type", absl::StrCat("orewatch.alerting.v1.alert.", event.kind)},
               {"subject", absl::StrCat("alerts/", event.alert_id)},
               {"time", JsonTime(event.time)},
               {"datacontenttype", "application/json"},
               {"data", std::move(data)}});
}

std::string WebhookId(const AlertEvent& event) { return absl::StrCat(event.alert_id, "_", event.sequence); }

std::vector<std::pair<std::string, std::string>> SignedHeaders(absl::string_view id, absl::Time now,
                                                               absl::string_view body,
                                                               const std::vector<std::string>& secrets) {
  const std::string timestamp = absl::StrCat(absl::ToUnixSeconds(now));
  const std::string content = absl::StrCat(id, ".", timestamp, ".", body);
  std::string signature;
  for (const std::string& secret : secrets) {
    absl::StrAppend(&signature, signature.empty() ? "" : " ", "v1,", absl::Base64Escape(HmacSha256(secret, content)));
  }
  return {{"webhook-id", std::string(id)}, {"webhook-timestamp", timestamp}, {"webhook-signature", signature}};
}

}  // namespace orewatch::alerting
