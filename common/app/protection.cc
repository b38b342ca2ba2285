#include "common/app/protection.h"

#include "absl/strings/str_cat.h"
#include "common/config/checks.h"
#include "common/status/status.h"

namespace orewatch::app {
namespace {

std::string WhatIsMissing(const Protection& protection) {
  if (protection.tls) {
    return "authentication";
  }
  return protection.authentication ? "TLS (--tls_certificate, --tls_key)"
                                   : "TLS (--tls_certificate, --tls_key) and authentication";
}

}  // namespace

absl::Status CheckProtected(const std::string& setting, const std::string& address, const Protection& protection,
                            bool allowed, const std::string& allowed_by) {
  OREWATCH_ASSIGN_OR_RETURN(const config::HostPort parsed, config::ParseHostPort(setting, address));
  if (config::IsLoopback(parsed.host) || allowed || (protection.tls && protection.authentication)) {
    return absl::OkStatus();
  }
  return InvalidField(setting, absl::StrCat("others can reach ", address, ", which lacks ", WhatIsMissing(protection),
                                            "; give it that, listen on 127.0.0.1, or set ", allowed_by));
}

}  // namespace orewatch::app
