#include "common/app/upstream_flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/config/checks.h"
#include "common/config/target.h"
#include "common/status/status.h"

ABSL_FLAG(std::string, upstream_ca, "",
          "PEM file of the authorities whose certificates other services show; empty: they are called without TLS.");
ABSL_FLAG(std::string, upstream_certificate, "", "PEM file of the certificate to show to other services.");
ABSL_FLAG(std::string, upstream_key, "", "PEM file of its key.");
ABSL_FLAG(std::string, upstream_server_name, "", "Whom their certificates must name; empty: the host of the address.");
ABSL_FLAG(bool, allow_unprotected_upstream, false,
          "Send the key of --upstream_api_key_file to other machines without TLS.");

namespace orewatch::app {

namespace {

absl::StatusOr<tls::ChannelSecurity> SecurityFromFlags(const Environment& environment) {
  // The series are there with and without TLS.
  const tls::TlsMetrics metrics(environment.metrics, "upstream");
  tls::ChannelSecurity security;
  security.server_name = absl::GetFlag(FLAGS_upstream_server_name);
  const tls::MaterialFiles files{absl::GetFlag(FLAGS_upstream_certificate), absl::GetFlag(FLAGS_upstream_key),
                                 absl::GetFlag(FLAGS_upstream_ca)};
  if (files.certificate.empty() != files.key.empty()) {
    return files.key.empty() ? InvalidField("--upstream_key", "is needed with --upstream_certificate")
                             : InvalidField("--upstream_certificate", "is needed with --upstream_key");
  }
  if (files.ca.empty()) {
    if (!files.certificate.empty() || !security.server_name.empty()) {
      return InvalidField("--upstream_ca", "is needed with --upstream_certificate and --upstream_server_name");
    }
    return security;
  }
  OREWATCH_ASSIGN_OR_RETURN(security.material, tls::WatchedMaterial::Load({.files = files, .use = "upstream"},
                                                                          environment.clock, environment.metrics));
  return security;
}

absl::Status CheckNeighbours(const rpc::ChannelOptions& upstream, const std::vector<Neighbour>& neighbours) {
  const bool in_clear = upstream.authorization != nullptr && upstream.security.material == nullptr &&
                        !absl::GetFlag(FLAGS_allow_unprotected_upstream);
  for (const Neighbour& neighbour : neighbours) {
    OREWATCH_RETURN_IF_ERROR(config::CheckTarget(neighbour.flag, neighbour.target));
    if (in_clear && !config::StaysOnThisMachine(neighbour.target)) {
      return InvalidField(neighbour.flag,
                          absl::StrCat("the key of this service would go in clear to ", neighbour.target,
                                       "; call it with TLS (--upstream_ca), or set --allow_unprotected_upstream"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<rpc::ChannelOptions> UpstreamFromFlags(const Environment& environment,
                                                      const std::vector<Neighbour>& neighbours) {
  rpc::ChannelOptions upstream{.authorization = environment.authorization};
  OREWATCH_ASSIGN_OR_RETURN(upstream.security, SecurityFromFlags(environment));
  OREWATCH_RETURN_IF_ERROR(CheckNeighbours(upstream, neighbours));
  return upstream;
}

}  // namespace orewatch::app
