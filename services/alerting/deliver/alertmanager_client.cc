#include "services/alerting/deliver/alertmanager_client.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/text/utf8.h"

namespace orewatch::alerting {
namespace {

// 100,000 alerts are about 60 MB.
constexpr size_t kMaxHeldBytes = size_t{256} << 20;
constexpr size_t kMaxErrorBytes = 300;

std::string Describe(const http::Response& response) {
  return absl::StrCat("HTTP ", response.status, " ", CutToBytes(response.body, kMaxErrorBytes));
}

// What is wrong lies in what was sent: the same again gets the same answer.
bool RefusesTheContent(int status) { return status == 400 || status == 413 || status == 422; }

std::string Percent(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.';
    absl::StrAppend(&out, plain ? std::string(1, c) : absl::StrCat("%", absl::Hex(byte, absl::kZeroPad2)));
  }
  return out;
}

}  // namespace

absl::Status AlertmanagerClient::Post(const Replica& replica, absl::Span<const PostedAlert* const> alerts,
                                      absl::Duration timeout) {
  OREWATCH_ASSIGN_OR_RETURN(const http::Response response,
                            client_.Send({.method = "POST",
                                          .url = absl::StrCat(replica.base_url, "/api/v2/alerts"),
                                          .headers = {{"Content-Type", "application/json"}},
                                          .body = ToJson(alerts),
                                          .timeout = timeout,
                                          .connect_to = replica.name}));
  if (response.status / 100 == 2) {
    return absl::OkStatus();
  }
  return MakeError(
      RefusesTheContent(response.status) ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kUnavailable,
      "ALERTMANAGER_REFUSED", Describe(response));
}

absl::Status AlertmanagerClient::Probe(const Replica& replica, absl::Duration timeout) {
  return client_
      .Send({.url = absl::StrCat(replica.base_url, "/-/ready"), .timeout = timeout, .connect_to = replica.name})
      .status();
}

absl::StatusOr<std::vector<HeldAlert>> AlertmanagerClient::Held(const Replica& replica, const std::string& source,
                                                                absl::Duration timeout) {
  const std::string filter = Percent(absl::StrCat("source=\"", source, "\""));
  OREWATCH_ASSIGN_OR_RETURN(const http::Response response,
                            client_.Send({.url = absl::StrCat(replica.base_url, "/api/v2/alerts?filter=", filter),
                                          .timeout = timeout,
                                          .max_response_bytes = kMaxHeldBytes,
                                          .connect_to = replica.name}));
  if (response.status != 200) {
    return MakeError(absl::StatusCode::kUnavailable, "ALERTMANAGER_REFUSED", Describe(response));
  }
  return ParseHeldAlerts(response.body);
}

}  // namespace orewatch::alerting
