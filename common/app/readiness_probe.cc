#include "common/app/readiness_probe.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/config/checks.h"
#include "common/http/client.h"
#include "common/status/status.h"

namespace orewatch::app {
namespace {

// Less than any supervisor waits.
constexpr absl::Duration kPatience = absl::Seconds(2);
constexpr int kOk = 200;
constexpr size_t kMaxShownBytes = 200;

std::string HostToAsk(const std::string& host) {
  if (host == "0.0.0.0" || host == "*") {
    return "127.0.0.1";
  }
  return host == "[::]" ? "[::1]" : host;
}

}  // namespace

absl::Status AskReadiness(const std::string& admin_address) {
  OREWATCH_ASSIGN_OR_RETURN(const config::HostPort admin, config::ParseHostPort("--admin_address", admin_address));
  http::Request request;
  request.url = absl::StrCat("http://", HostToAsk(admin.host), ":", admin.port, "/readyz");
  request.timeout = kPatience;
  OREWATCH_ASSIGN_OR_RETURN(const http::Response response, http::NewClient()->Send(request));
  if (response.status != kOk) {
    // Of the first line as much as fits into one; whoever answers may be no process of ours.
    const absl::string_view said = absl::string_view(response.body).substr(0, response.body.find('\n'));
    return absl::UnavailableError(
        absl::StrCat("not ready: HTTP ", response.status, said.empty() ? "" : " ", said.substr(0, kMaxShownBytes)));
  }
  return absl::OkStatus();
}

}  // namespace orewatch::app
