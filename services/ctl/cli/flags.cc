#include "services/ctl/cli/flags.h"

#include <algorithm>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/config/target.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/tls/credentials.h"
#include "prometheus/registry.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/cli/credentials.h"

ABSL_FLAG(std::string, address, "127.0.0.1:7100", "host:port of the suite, or of the gateway");
ABSL_FLAG(std::string, gateway_address, "", "host:port of the gateway; empty: --address");
ABSL_FLAG(std::string, registry_address, "", "host:port of the registry; empty: --address");
ABSL_FLAG(std::string, risk_address, "", "host:port of the risk engine; empty: --address");
ABSL_FLAG(std::string, alerting_address, "", "host:port of alerting; empty: --address");
ABSL_FLAG(bool, tls, false, "speak TLS; so do --ca, --certificate and --server_name");
ABSL_FLAG(std::string, ca, "", "PEM file of the authorities to believe; empty: those of the system");
ABSL_FLAG(std::string, certificate, "", "PEM file of the certificate to show");
ABSL_FLAG(std::string, key, "", "PEM file of its key");
ABSL_FLAG(std::string, server_name, "", "whom the server's certificate must name; empty: the host of the address");
ABSL_FLAG(bool, allow_unprotected, false, "send a token or key to another machine without TLS");
ABSL_FLAG(absl::Duration, timeout, absl::ZeroDuration(),
          "limit of a call, e.g. 5s; 0: 30s, and 30m for import and export");
ABSL_FLAG(std::string, output, "", "-o: table, json, textproto or csv");
ABSL_FLAG(std::string, principal, "", "who calls, for services that take your word for it; empty: anonymous");
ABSL_FLAG(std::string, id, "", "of a new key: its public part, 4 to 32 of a-z, 0-9 and -");
ABSL_FLAG(std::string, role, "", "of a new key: viewer, analyst, operator or admin");
ABSL_FLAG(absl::optional<absl::Duration>, expire, absl::nullopt,
          "of a new key: for how long, e.g. 2160h; unset: for ever");
ABSL_FLAG(bool, show_deleted, false, "deleted resources too");
ABSL_FLAG(std::string, filter, "", "only what matches, e.g. country = countries/AU AND status = operating");
ABSL_FLAG(std::string, order_by, "", "in which order, e.g. country, metadata.update_time desc");
ABSL_FLAG(bool, oldest_first, false, "from the first change on; else the newest comes first");
ABSL_FLAG(std::string, kinds, "", "only these kinds, e.g. suppliers,projects; empty: all");
ABSL_FLAG(bool, help, false, "-h: say how the command is used");
ABSL_FLAG(std::string, file, "", "-f: file to read or write; - is the standard input or output");
ABSL_FLAG(bool, atomic, false, "all rows or none, in one revision");
ABSL_FLAG(bool, validate_only, false, "check everything, change nothing");
ABSL_FLAG(bool, allow_missing, false, "succeed if there is nothing to delete");
ABSL_FLAG(absl::optional<int64_t>, after, absl::nullopt,
          "revision, or sequence of alerts, after which to begin; unset: 0, and for alerts now");
ABSL_FLAG(bool, all, false, "of alerts: begin with the first");
ABSL_FLAG(std::string, feed_token, "",
          "of a feed: go on after this token, which the last run printed; empty: from now on");
ABSL_FLAG(int32_t, limit, 0, "at most this many; 0: all");
ABSL_FLAG(std::string, stage, "", "mine, smelt, refine or process");
ABSL_FLAG(std::string, importer, "", "country or bloc, e.g. JP or EU");
ABSL_FLAG(std::string, method, "",
          "hhi, hhi-governance, hhi-governance-exports, hhi-normalized, hhi-ownership, eu-supply-risk-2017, "
          "eu-economic-importance-2017, geopolrisk-2024, usgs-2020, yale-2015, orewatch-2026, stock-cover, "
          "country-governance or "
          "orewatch-supplier-2026; of score also all");
ABSL_FLAG(int32_t, horizon, 0, "of partners: the year by which tonnes must be free, e.g. 2030");
ABSL_FLAG(std::string, exclude, "", "of partners: countries and blocs that are no candidates, e.g. CN,RU");
ABSL_FLAG(std::string, weight, "", "of partners: what counts how much, e.g. governance=2,output=0; else 1");
ABSL_FLAG(absl::optional<uint64_t>, seed, absl::nullopt, "of a project: the same seed gives the same answer; unset: 1");
ABSL_FLAG(int32_t, runs, 0, "of a project: how many futures are drawn, up to 100000; 0: 10000");
ABSL_FLAG(int32_t, years, 0, "of a project: how many years ahead, up to 60; 0: 30");
ABSL_FLAG(std::string, effect, "",
          "of a project: assumptions as name=log-odds or name=log-odds*duration, e.g. engagement=0.5,permits=0*1.3");
ABSL_FLAG(std::string, pass, "",
          "of a project: assumed chances to pass exploration, feasibility, financing, construction and commissioning, "
          "e.g. 0.5,0.7,0.8,0.9,0.95");
ABSL_FLAG(double, country_failure, 0, "of a project: assumed chance that all projects of its country fail at once");
ABSL_FLAG(double, ramp_years, 0, "of a project: assumed years from first production to capacity");
ABSL_FLAG(std::string, state, "",
          "of alerts: inactive, pending, firing, resolved or all; of deliveries: pending, delivered, notified, dead, "
          "superseded or all");
ABSL_FLAG(std::string, etag, "", "delete or act only if the thing still has this etag");
ABSL_FLAG(absl::optional<absl::Duration>, duration, absl::nullopt,
          "of ack and snooze: for how long, e.g. 8h; 0 ends a snooze; of ack unset: as the service is set");
ABSL_FLAG(int32_t, days, 0, "of test-rule: how far back, up to 1098; 0: 90");
ABSL_FLAG(std::string, svg, "", "file to draw a picture into");
ABSL_FLAG(std::string, critical_list, "", "official list, e.g. US_2025; empty: the server's default");
ABSL_FLAG(std::string, mineral, "", "only this mineral, e.g. cobalt; empty: all");
ABSL_FLAG(std::string, product, "", "only this product, e.g. cobalt-sulphate; empty: all");
ABSL_FLAG(int32_t, tier, 0, "1 to 6: shares up to this tier, or paths of this length; 0: all shares, paths of 1");
ABSL_FLAG(std::string, by, "",
          "what shares are summed by: country, supplier, facility or ultimate-owner-country; empty: country; of "
          "--failure_points facility, which is the default, or supplier");
ABSL_FLAG(std::string, paths, "", "show the paths that end in this country, e.g. CN, or all of them: all");
ABSL_FLAG(bool, failure_points, false, "show without whom a product has no known source left");
ABSL_FLAG(bool, alternatives, false, "show who else makes the --product");
ABSL_FLAG(std::string, lost, "", "show for how many days it is supplied without this facility, supplier or country");
ABSL_FLAG(std::vector<std::string>, audit_log, {}, "of audit: files of the logs; those that came before are found");
ABSL_FLAG(std::string, audit_anchor, "", "of audit: SQLite file or PostgreSQL database in which the logs are anchored");
ABSL_FLAG(std::vector<std::string>, audit_process, {},
          "of audit verify: the processes whose logs are shown, as their records name them; unset: any");
ABSL_FLAG(std::string, since, "", "of audit: only from this time on, e.g. 2026-01-31T12:00:00Z or 24h");
ABSL_FLAG(std::string, outcome, "",
          "of audit: only this code, reason or kind, e.g. PermissionDenied, RATE_LIMITED or change");

namespace orewatch::ctl {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(30);
constexpr absl::Duration kTransferTimeout = absl::Minutes(30);

bool Contains(const std::vector<absl::string_view>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const std::vector<absl::string_view>& OwnFlags() {
  static const auto* const names = new std::vector<absl::string_view>{"address",
                                                                      "gateway_address",
                                                                      "registry_address",
                                                                      "risk_address",
                                                                      "alerting_address",
                                                                      "tls",
                                                                      "ca",
                                                                      "certificate",
                                                                      "key",
                                                                      "server_name",
                                                                      "allow_unprotected",
                                                                      "timeout",
                                                                      "principal",
                                                                      "token_file",
                                                                      "api_key_file",
                                                                      "id",
                                                                      "role",
                                                                      "expire",
                                                                      "output",
                                                                      "help",
                                                                      "file",
                                                                      "atomic",
                                                                      "validate_only",
                                                                      "allow_missing",
                                                                      "after",
                                                                      "limit",
                                                                      "stage",
                                                                      "importer",
                                                                      "method",
                                                                      "state",
                                                                      "etag",
                                                                      "duration",
                                                                      "days",
                                                                      "critical_list",
                                                                      "show_deleted",
                                                                      "oldest_first",
                                                                      "kinds",
                                                                      "all",
                                                                      "filter",
                                                                      "order_by",
                                                                      "mineral",
                                                                      "product",
                                                                      "tier",
                                                                      "by",
                                                                      "paths",
                                                                      "failure_points",
                                                                      "alternatives",
                                                                      "lost",
                                                                      "svg",
                                                                      "horizon",
                                                                      "exclude",
                                                                      "weight",
                                                                      "seed",
                                                                      "runs",
                                                                      "years",
                                                                      "effect",
                                                                      "pass",
                                                                      "country_failure",
                                                                      "ramp_years",
                                                                      "audit_log",
                                                                      "audit_anchor",
                                                                      "audit_process",
                                                                      "since",
                                                                      "outcome",
                                                                      "feed_token"};

  return *names;
}

absl::Status Set(absl::string_view name, absl::string_view value, absl::string_view origin) {
  std::string error;
  if (!absl::FindCommandLineFlag(name)->ParseFrom(value, &error)) {
    return UsageError(absl::StrCat(origin, ": \"", value, "\" is not valid", error.empty() ? "" : ": ", error));
  }
  return absl::OkStatus();
}

absl::Status SetFromEnvironment(const std::vector<absl::string_view>& accepted,
                                absl::FunctionRef<const char*(const char*)> environment) {
  for (const absl::string_view name : accepted) {
    const std::string variable = absl::StrCat("OREWATCH_", absl::AsciiStrToUpper(name));
    if (const char* value = environment(variable.c_str()); value != nullptr) {
      OREWATCH_RETURN_IF_ERROR(Set(name, value, variable));
    }
  }
  return absl::OkStatus();
}

std::string Or(const std::string& own, const std::string& fallback) { return own.empty() ? fallback : own; }

absl::StatusOr<tls::ChannelSecurity> ReadSecurity() {
  const tls::MaterialFiles files{absl::GetFlag(FLAGS_certificate), absl::GetFlag(FLAGS_key), absl::GetFlag(FLAGS_ca)};
  tls::ChannelSecurity security;
  security.server_name = absl::GetFlag(FLAGS_server_name);
  if (!absl::GetFlag(FLAGS_tls) && files.certificate.empty() && files.key.empty() && files.ca.empty() &&
      security.server_name.empty()) {
    return security;
  }
  // Live as long as the channels, which no command ends.
  static const auto* const clock = new SystemClock();
  static auto* const metrics = new prometheus::Registry();
  auto loaded = tls::WatchedMaterial::Load({.files = files, .use = "client"}, *clock, *metrics);
  if (!loaded.ok()) {
    return UsageError(std::string(loaded.status().message()));
  }
  security.material = *std::move(loaded);
  return security;
}

// A token or a key that goes over a network in clear is anybody's who listens.
absl::Status CheckInClear(const Client::Options& options) {
  if (options.authorization.empty() || options.security.material != nullptr || absl::GetFlag(FLAGS_allow_unprotected)) {
    return absl::OkStatus();
  }
  const auto& endpoints = options.endpoints;
  for (const std::string& target : {endpoints.gateway, endpoints.registry, endpoints.risk, endpoints.alerting}) {
    if (!config::StaysOnThisMachine(target)) {
      return UsageError(absl::StrCat("the token or key would go in clear to ", target,
                                     ": set --tls or --ca, or --allow_unprotected"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Client::Options> ReadClientOptions() {
  Client::Options options;
  OREWATCH_ASSIGN_OR_RETURN(options.security, ReadSecurity());
  const std::string address = absl::GetFlag(FLAGS_address);
  options.endpoints.gateway = Or(absl::GetFlag(FLAGS_gateway_address), address);
  options.endpoints.registry = Or(absl::GetFlag(FLAGS_registry_address), address);
  options.endpoints.risk = Or(absl::GetFlag(FLAGS_risk_address), address);
  options.endpoints.alerting = Or(absl::GetFlag(FLAGS_alerting_address), address);
  options.principal = absl::GetFlag(FLAGS_principal);
  OREWATCH_ASSIGN_OR_RETURN(options.authorization, AuthorizationFromFlags());
  OREWATCH_RETURN_IF_ERROR(CheckInClear(options));
  const absl::Duration timeout = absl::GetFlag(FLAGS_timeout);
  if (timeout < absl::ZeroDuration()) {
    return UsageError("--timeout: must not be negative");
  }
  const bool unset = timeout == absl::ZeroDuration();
  options.timeout = unset ? kCallTimeout : timeout;
  options.transfer_timeout = unset ? kTransferTimeout : timeout;
  return options;
}

absl::StatusOr<Options> CollectOptions() {
  Options options;
  OREWATCH_ASSIGN_OR_RETURN(options.client, ReadClientOptions());
  if (const std::string output = absl::GetFlag(FLAGS_output); !output.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(options.format, ParseFormat(output));
    options.format_given = true;
  }
  options.help = absl::GetFlag(FLAGS_help);
  options.atomic = absl::GetFlag(FLAGS_atomic);
  options.validate_only = absl::GetFlag(FLAGS_validate_only);
  options.allow_missing = absl::GetFlag(FLAGS_allow_missing);
  options.after = absl::GetFlag(FLAGS_after);
  options.all = absl::GetFlag(FLAGS_all);
  options.limit = absl::GetFlag(FLAGS_limit);
  options.feed_token = absl::GetFlag(FLAGS_feed_token);
  options.file = absl::GetFlag(FLAGS_file);
  options.stage = absl::GetFlag(FLAGS_stage);
  options.importer = absl::GetFlag(FLAGS_importer);
  options.method = absl::GetFlag(FLAGS_method);
  options.state = absl::GetFlag(FLAGS_state);
  options.etag = absl::GetFlag(FLAGS_etag);
  options.duration = absl::GetFlag(FLAGS_duration);
  options.days = absl::GetFlag(FLAGS_days);
  options.filter = absl::GetFlag(FLAGS_filter);
  options.order_by = absl::GetFlag(FLAGS_order_by);
  options.show_deleted = absl::GetFlag(FLAGS_show_deleted);
  options.oldest_first = absl::GetFlag(FLAGS_oldest_first);
  options.horizon = absl::GetFlag(FLAGS_horizon);
  options.exclude = absl::GetFlag(FLAGS_exclude);
  options.weight = absl::GetFlag(FLAGS_weight);
  options.outlook = {absl::GetFlag(FLAGS_seed),      absl::GetFlag(FLAGS_runs), absl::GetFlag(FLAGS_years),
                     absl::GetFlag(FLAGS_effect),    absl::GetFlag(FLAGS_pass), absl::GetFlag(FLAGS_country_failure),
                     absl::GetFlag(FLAGS_ramp_years)};
  options.key = {absl::GetFlag(FLAGS_id), absl::GetFlag(FLAGS_role), absl::GetFlag(FLAGS_expire)};
  options.kinds = absl::GetFlag(FLAGS_kinds);
  options.svg = absl::GetFlag(FLAGS_svg);
  options.mineral = absl::GetFlag(FLAGS_mineral);
  options.product = absl::GetFlag(FLAGS_product);
  options.tier = absl::GetFlag(FLAGS_tier);
  options.by = absl::GetFlag(FLAGS_by);
  options.paths = absl::GetFlag(FLAGS_paths);
  options.failure_points = absl::GetFlag(FLAGS_failure_points);
  options.alternatives = absl::GetFlag(FLAGS_alternatives);
  options.lost = absl::GetFlag(FLAGS_lost);
  options.critical_list = absl::GetFlag(FLAGS_critical_list);
  options.audit_log = absl::GetFlag(FLAGS_audit_log);
  options.audit_anchor = absl::GetFlag(FLAGS_audit_anchor);
  options.audit_process = absl::GetFlag(FLAGS_audit_process);
  options.since = absl::GetFlag(FLAGS_since);
  options.outcome = absl::GetFlag(FLAGS_outcome);
  return options;
}

}  // namespace

absl::optional<bool> IsSwitchFlag(absl::string_view name) {
  if (!Contains(OwnFlags(), name)) {
    return absl::nullopt;
  }
  return absl::FindCommandLineFlag(name)->IsOfType<bool>();
}

const std::vector<absl::string_view>& GlobalFlags() {
  static const auto* const names =
      new std::vector<absl::string_view>{"address",      "gateway_address",  "registry_address",
                                         "risk_address", "alerting_address", "tls",
                                         "ca",           "certificate",      "key",
                                         "server_name",  "token_file",       "api_key_file",
                                         "timeout",      "principal",        "output",
                                         "help",         "allow_unprotected"};
  return *names;
}

std::string FlagsHelp(const std::vector<absl::string_view>& names) {
  std::string help;
  for (const absl::string_view name : names) {
    absl::StrAppendFormat(&help, "  --%-18s %s\n", name, absl::FindCommandLineFlag(name)->Help());
  }
  return help;
}

absl::StatusOr<Options> ReadOptions(const std::vector<std::pair<std::string, std::string>>& flags,
                                    const std::vector<absl::string_view>& accepted,
                                    absl::FunctionRef<const char*(const char*)> environment) {
  OREWATCH_RETURN_IF_ERROR(SetFromEnvironment(accepted, environment));
  for (const auto& [name, value] : flags) {
    if (!Contains(accepted, name)) {
      return UsageError(absl::StrCat("--", name, " means nothing to this command"));
    }
    OREWATCH_RETURN_IF_ERROR(Set(name, value, absl::StrCat("--", name)));
  }
  return CollectOptions();
}

}  // namespace orewatch::ctl
