#include "common/config/target.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/config/checks.h"

namespace orewatch::config {

bool StaysOnThisMachine(absl::string_view target) {
  if (absl::StartsWith(target, "unix:") || absl::StartsWith(target, "unix-abstract:")) {
    return true;
  }
  // Not dns://server/name: who answers for the name is then for others to say.
  for (const absl::string_view scheme : {"dns:///", "dns:", "ipv4:", "ipv6:"}) {
    if (absl::ConsumePrefix(&target, scheme)) {
      break;
    }
  }
  const std::vector<absl::string_view> addresses = absl::StrSplit(target, ',');
  return std::all_of(addresses.begin(), addresses.end(), [](absl::string_view address) {
    const auto parsed = ParseHostPort("address", address);
    return parsed.ok() && IsLoopback(parsed->host);
  });
}

}  // namespace orewatch::config
