#include "common/app/tls_flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "common/status/status.h"

ABSL_FLAG(std::string, tls_certificate, "", "PEM file of the certificate to serve with, and its chain; empty: no TLS.");
ABSL_FLAG(std::string, tls_key, "", "PEM file of its key.");
ABSL_FLAG(std::string, tls_client_ca, "", "PEM file of the authorities whose certificates callers may show.");
ABSL_FLAG(std::string, tls_client_auth, "none", "Whether callers show a certificate: none, optional or required.");

namespace orewatch::app {
namespace {

absl::StatusOr<tls::ClientAuth> ClientAuthFromFlag() {
  const std::string text = absl::GetFlag(FLAGS_tls_client_auth);
  if (text == "none") {
    return tls::ClientAuth::kNone;
  }
  if (text == "optional") {
    return tls::ClientAuth::kOptional;
  }
  if (text == "required") {
    return tls::ClientAuth::kRequired;
  }
  return InvalidField("--tls_client_auth", "must be none, optional or required");
}

absl::Status CheckTogether(const tls::MaterialFiles& files, tls::ClientAuth auth) {
  if (files.certificate.empty() != files.key.empty()) {
    return files.key.empty() ? InvalidField("--tls_key", "is needed with --tls_certificate")
                             : InvalidField("--tls_certificate", "is needed with --tls_key");
  }
  if (files.ca.empty() && auth != tls::ClientAuth::kNone) {
    return InvalidField("--tls_client_ca", "is needed with --tls_client_auth");
  }
  if (!files.ca.empty() && auth == tls::ClientAuth::kNone) {
    return InvalidField("--tls_client_auth", "must be optional or required with --tls_client_ca");
  }
  if (files.certificate.empty() && !files.ca.empty()) {
    return InvalidField("--tls_certificate", "is needed with --tls_client_ca");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<tls::ServerSecurity> ServerSecurityFromFlags(const Environment& environment) {
  // The series are there with and without TLS.
  const tls::TlsMetrics metrics(environment.metrics, "server");
  tls::ServerSecurity security;
  OREWATCH_ASSIGN_OR_RETURN(security.client_auth, ClientAuthFromFlag());
  const tls::MaterialFiles files{absl::GetFlag(FLAGS_tls_certificate), absl::GetFlag(FLAGS_tls_key),
                                 absl::GetFlag(FLAGS_tls_client_ca)};
  OREWATCH_RETURN_IF_ERROR(CheckTogether(files, security.client_auth));
  if (files.certificate.empty()) {
    return security;
  }
  OREWATCH_ASSIGN_OR_RETURN(security.material, tls::WatchedMaterial::Load({.files = files, .use = "server"},
                                                                          environment.clock, environment.metrics));
  return security;
}

}  // namespace orewatch::app
