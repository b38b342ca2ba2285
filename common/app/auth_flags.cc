#include "common/app/auth_flags.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "common/auth/api_key.h"
#include "common/auth/grpc_authenticator.h"
#include "common/config/checks.h"
#include "common/config/text_proto.h"
#include "common/http/client.h"
#include "common/log/log.h"
#include "common/status/status.h"

ABSL_FLAG(absl::optional<bool>, trust_principal_header, absl::nullopt,
          "true: take who calls from the header x-orewatch-principal; false: everybody is anonymous. Unset: true, "
          "unless callers must prove who they are (--jwt_keys, --access_file).");
ABSL_FLAG(
    std::string, jwt_keys, "",
    "JWK Set whose keys sign the tokens of callers: a file, which is read again when it changes, or an https:// "
    "URL (on this machine also http://). With it, or with --access_file, nobody calls without proving who they are.");
ABSL_FLAG(absl::Duration, jwt_keys_refresh, absl::Minutes(5), "How often the URL of --jwt_keys is asked.");
ABSL_FLAG(absl::Duration, jwt_keys_max_age, absl::Hours(24),
          "How long keys are believed that could not be read again; then no token is taken.");
ABSL_FLAG(std::string, jwt_issuer, "", "The iss of tokens.");
ABSL_FLAG(std::vector<std::string>, jwt_audience, {}, "What the aud of a token must be, or hold one of.");
ABSL_FLAG(std::vector<std::string>, jwt_algorithms, std::vector<std::string>({"RS256", "ES256", "EdDSA"}),
          "Algorithms by which tokens may be signed.");
ABSL_FLAG(absl::Duration, jwt_leeway, absl::Minutes(1), "How far the clocks of the issuer and ours may be apart.");
ABSL_FLAG(std::string, jwt_role_claim, "roles",
          "Claim with the roles of a caller (viewer, analyst, operator, admin), or the way to it, e.g. "
          "realm_access.roles.");
ABSL_FLAG(std::string, access_file, "",
          "Who may call with which key or client certificate, and as what: an AccessFile in text format, read again "
          "when it changes.");
ABSL_FLAG(std::string, upstream_api_key_file, "",
          "File with the key by which this service proves to its neighbours who it is, read again when it changes.");

namespace orewatch::app {
namespace {

// A key missed asks the issuer no more often than this.
constexpr absl::Duration kEarlyRefresh = absl::Seconds(30);
constexpr absl::Duration kRetryFetch = absl::Seconds(10);
constexpr absl::Duration kFetchTimeout = absl::Seconds(10);
constexpr size_t kMaxSecretBytes = 4096;
constexpr int kHttpOk = 200;
// No key of a file has it: those are longer.
constexpr char kOwnKeyId[] = "own";

// Whoever stands between us and the keys could put their own in.
absl::Status CheckKeyUrl(const std::string& url) {
  // Some issuers tell their policies apart by a query. It begins at the first question mark, where the host has ended.
  const bool https = absl::StartsWith(url, "https://");
  const std::string asked = https && !absl::StrContains(url, '#') ? url.substr(0, url.find('?')) : url;
  OREWATCH_ASSIGN_OR_RETURN(const http::UrlHost host, http::ParseUrlHost("--jwt_keys", asked));
  return https || config::IsLoopback(host.host)
             ? absl::OkStatus()
             : InvalidField("--jwt_keys", "must be an https:// URL, unless the server is on this machine");
}

bool IsUrl(absl::string_view text) { return absl::StartsWith(text, "https://") || absl::StartsWith(text, "http://"); }

std::function<absl::StatusOr<std::string>()> FetchFile(const std::string& path, size_t max_bytes) {
  return [path, max_bytes]() -> absl::StatusOr<std::string> {
    auto text = config::TextOfFile(path, max_bytes);
    if (!text.has_value()) {
      return MakeError(absl::StatusCode::kUnavailable, "FILE_UNREADABLE",
                       absl::StrCat("cannot read ", path, ", or it has more than ", max_bytes, " bytes"));
    }
    return *std::move(text);
  };
}

std::function<absl::StatusOr<std::string>()> FetchUrl(const std::string& url,
                                                      const std::shared_ptr<std::atomic<bool>>& stopping) {
  const std::shared_ptr<http::Client> client = http::NewClient([stopping] { return stopping->load(); });
  return [client, url]() -> absl::StatusOr<std::string> {
    http::Request request;
    request.url = url;
    request.timeout = kFetchTimeout;
    request.max_response_bytes = auth::KeySet::kMaxBytes;
    OREWATCH_ASSIGN_OR_RETURN(http::Response response, client->Send(request));
    if (response.status != kHttpOk) {
      return MakeError(absl::StatusCode::kUnavailable, "KEYS_UNAVAILABLE",
                       absl::StrCat("the server of keys answers ", response.status));
    }
    return std::move(response.body);
  };
}

absl::StatusOr<std::string> ParseSecret(const std::string& text) {
  std::string key(absl::StripAsciiWhitespace(text));
  if (!auth::ParseApiKey(key).has_value()) {
    return InvalidField("--upstream_api_key_file", "must hold one key of the form ow_<id>_<secret>");
  }
  return key;
}

// Blames the flag for a file that cannot be used at the start.
absl::Status Blame(absl::string_view flag, const absl::Status& status) {
  return status.ok() ? status : InvalidField(flag, status.message());
}

absl::StatusOr<auth::TokenPolicy> PolicyFromFlags() {
  auth::TokenPolicy policy;
  policy.issuer = absl::GetFlag(FLAGS_jwt_issuer);
  policy.audiences = absl::GetFlag(FLAGS_jwt_audience);
  policy.leeway = absl::GetFlag(FLAGS_jwt_leeway);
  policy.role_claim = absl::GetFlag(FLAGS_jwt_role_claim);
  if (policy.issuer.empty()) {
    return InvalidField("--jwt_issuer", "must say whose tokens are taken, since --jwt_keys is set");
  }
  if (policy.audiences.empty()) {
    return InvalidField("--jwt_audience", "must say for whom tokens are, since --jwt_keys is set");
  }
  policy.algorithms.clear();
  for (const std::string& name : absl::GetFlag(FLAGS_jwt_algorithms)) {
    const auto algorithm = auth::AlgorithmOf(name);
    if (!algorithm.ok()) {
      return InvalidField("--jwt_algorithms", "must be of RS256, ES256 and EdDSA");
    }
    policy.algorithms.insert(*algorithm);
  }
  if (policy.algorithms.empty()) {
    return InvalidField("--jwt_algorithms", "must name an algorithm");
  }
  OREWATCH_RETURN_IF_ERROR(config::CheckDuration("--jwt_leeway", policy.leeway, absl::Minutes(10)));
  return policy;
}

template <typename T>
std::unique_ptr<auth::Refresher> KeepFresh(const Clock& clock, auth::Kept<T>& kept) {
  return std::make_unique<auth::Refresher>(
      clock, [&kept] { return kept.DueAt(); }, [&kept] { kept.Refresh().IgnoreError(); });
}

}  // namespace

absl::Status Authentication::TakeTokenKeys(auth::AccessControl::Sources& sources) {
  const std::string source = absl::GetFlag(FLAGS_jwt_keys);
  OREWATCH_ASSIGN_OR_RETURN(sources.token_policy, PolicyFromFlags());
  const bool url = IsUrl(source);
  auth::KeepOptions options;
  options.name = "--jwt_keys";
  options.max_age = absl::GetFlag(FLAGS_jwt_keys_max_age);
  if (url) {
    OREWATCH_RETURN_IF_ERROR(CheckKeyUrl(source));
    options.interval = absl::GetFlag(FLAGS_jwt_keys_refresh);
    options.retry_interval = kRetryFetch;
    options.early_interval = kEarlyRefresh;
  }
  if (options.interval < absl::Seconds(1) || options.interval > absl::Hours(24)) {
    return InvalidField("--jwt_keys_refresh", "must be between 1s and 24h");
  }
  if (options.max_age < options.interval) {
    return InvalidField("--jwt_keys_max_age", "must not be shorter than --jwt_keys_refresh");
  }
  auto& count = metrics_.token_keys();
  const auto parse = [&count](const std::string& text) {
    auto keys = auth::KeySet::Parse(text);
    if (keys.ok()) {
      count.Set(static_cast<double>(keys->size()));
    }
    return keys;
  };
  token_keys_ = std::make_unique<auth::Kept<auth::KeySet>>(
      options, clock_, metrics_.jwt_keys(),
      url ? FetchUrl(source, stopping_) : FetchFile(source, auth::KeySet::kMaxBytes), parse);
  // An issuer that is away keeps nobody from starting: keys and certificates do without it.
  const absl::Status read = token_keys_->Refresh();
  if (!url) {
    OREWATCH_RETURN_IF_ERROR(Blame("--jwt_keys", read));
  } else if (!read.ok()) {
    log::Warning("no token is taken until its keys can be fetched", {{"problem", read.message()}});
  }
  sources.token_keys = token_keys_.get();
  sources.key_missed = [this] { token_key_refresher_->Wake(); };
  return absl::OkStatus();
}

absl::Status Authentication::TakeAccessFile(auth::AccessControl::Sources& sources) {
  auth::KeepOptions options;
  options.name = "--access_file";
  options.settle = true;
  access_ = std::make_unique<auth::Kept<auth::AccessTable>>(
      options, clock_, metrics_.access_file(),
      FetchFile(absl::GetFlag(FLAGS_access_file), auth::AccessTable::kMaxBytes), auth::AccessTable::Parse);
  OREWATCH_RETURN_IF_ERROR(Blame("--access_file", access_->Refresh()));
  sources.access = access_.get();
  access_refresher_ = KeepFresh(clock_, *access_);
  return absl::OkStatus();
}

absl::Status Authentication::TakeUpstreamKey() {
  const std::string path = absl::GetFlag(FLAGS_upstream_api_key_file);
  auth::KeepOptions options;
  options.name = "--upstream_api_key_file";
  options.settle = true;
  upstream_key_ = std::make_shared<auth::Kept<std::string>>(options, clock_, metrics_.upstream_key(),
                                                            FetchFile(path, kMaxSecretBytes), ParseSecret);
  OREWATCH_RETURN_IF_ERROR(Blame("--upstream_api_key_file", upstream_key_->Refresh()));
  upstream_refresher_ = KeepFresh(clock_, *upstream_key_);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Authentication>> Authentication::FromFlags(const Clock& clock,
                                                                          prometheus::Registry& metrics) {
  auto authentication = std::unique_ptr<Authentication>(new Authentication(clock, metrics));
  if (!absl::GetFlag(FLAGS_upstream_api_key_file).empty()) {
    OREWATCH_RETURN_IF_ERROR(authentication->TakeUpstreamKey());
  }
  const bool tokens = !absl::GetFlag(FLAGS_jwt_keys).empty();
  const bool access = !absl::GetFlag(FLAGS_access_file).empty();
  if (!tokens && !access) {
    return authentication;
  }
  if (absl::GetFlag(FLAGS_trust_principal_header).value_or(false)) {
    return InvalidField("--trust_principal_header", "cannot be true where callers must prove who they are");
  }
  auth::AccessControl::Sources sources;
  if (access) {
    OREWATCH_RETURN_IF_ERROR(authentication->TakeAccessFile(sources));
  }
  if (tokens) {
    OREWATCH_RETURN_IF_ERROR(authentication->TakeTokenKeys(sources));
  }
  authentication->own_key_ = auth::NewApiKey(kOwnKeyId);
  sources.own_key = authentication->own_key_;
  authentication->control_ = std::make_unique<auth::AccessControl>(std::move(sources), clock, authentication->metrics_);
  if (tokens) {
    authentication->token_key_refresher_ = KeepFresh(clock, *authentication->token_keys_);
  }
  return authentication;
}

rpc::Authenticator Authentication::authenticator() const {
  if (control_ != nullptr) {
    return auth::AuthenticatorOf(*control_);
  }
  return absl::GetFlag(FLAGS_trust_principal_header).value_or(true) ? rpc::TrustPrincipalHeader()
                                                                    : rpc::AllowAnonymous();
}

rpc::Authorization Authentication::own() const {
  if (control_ == nullptr) {
    return nullptr;
  }
  return [bearer = absl::StrCat("Bearer ", own_key_)] { return bearer; };
}

rpc::Authorization Authentication::upstream() const {
  if (upstream_key_ == nullptr) {
    return nullptr;
  }
  return [key = upstream_key_] { return absl::StrCat("Bearer ", *key->Current().value); };
}

}  // namespace orewatch::app
