#include "common/config/checks.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"

namespace orewatch::config {
namespace {

constexpr int kMaxPort = 65'535;

}  // namespace

absl::StatusOr<HostPort> ParseHostPort(const std::string& setting, absl::string_view text) {
  const size_t colon = text.rfind(':');
  HostPort parsed;
  if (colon == absl::string_view::npos || colon == 0 || !absl::SimpleAtoi(text.substr(colon + 1), &parsed.port) ||
      parsed.port < 0 || parsed.port > kMaxPort) {
    return InvalidField(setting, absl::StrCat("must be host:port with a port up to ", kMaxPort, ", not '", text, "'"));
  }
  parsed.host = std::string(text.substr(0, colon));
  return parsed;
}

bool IsLoopback(absl::string_view host) {
  if (host == "localhost") {
    return true;
  }
  const std::string bare(absl::StripSuffix(absl::StripPrefix(host, "["), "]"));
  in6_addr six{};
  if (inet_pton(AF_INET6, bare.c_str(), &six) == 1) {
    constexpr int kFirstByteOfMappedV4 = 12;
    return IN6_IS_ADDR_LOOPBACK(&six) ||
           (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[kFirstByteOfMappedV4] == IN_LOOPBACKNET);
  }
  in_addr four{};
  constexpr int kShiftToFirstByte = 24;
  return inet_pton(AF_INET, bare.c_str(), &four) == 1 && (ntohl(four.s_addr) >> kShiftToFirstByte) == IN_LOOPBACKNET;
}

absl::Status CheckTarget(const std::string& setting, absl::string_view text) {
  for (const absl::string_view address : absl::StrSplit(text, ',')) {
    OREWATCH_ASSIGN_OR_RETURN(const HostPort parsed, ParseHostPort(setting, address));
    if (parsed.port == 0) {
      return InvalidField(setting, absl::StrCat("must name a port above 0, not '", address, "'"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBetween(const std::string& setting, int64_t value, int64_t least, int64_t most) {
  return least <= value && value <= most
             ? absl::OkStatus()
             : InvalidField(setting, absl::StrCat("must be from ", least, " to ", most, ", not ", value));
}

absl::Status CheckDuration(const std::string& setting, absl::Duration value, absl::Duration most) {
  return absl::ZeroDuration() <= value && value <= most
             ? absl::OkStatus()
             : InvalidField(setting, absl::StrCat("must be from 0 to ", absl::FormatDuration(most), ", not ",
                                                  absl::FormatDuration(value)));
}

}  // namespace orewatch::config
