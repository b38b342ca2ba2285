#include "services/alerting/store/alert_store.h"

#include <random>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/hash/sha256.h"
#include "common/status/status.h"

namespace orewatch::alerting {

Version NextAfter(const Version& base) {
  std::random_device random;
  return {base.number + 1, absl::StrCat(absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8))};
}

StoreIdentity IdentityOf(std::string secret) {
  constexpr size_t kLineageBytes = 16;
  // Others may see the lineage: nothing of the secret can be read from it.
  const std::string digest = Sha256Of(absl::StrCat("lineage\n", secret));
  return {.lineage = absl::BytesToHexString(digest.substr(0, kLineageBytes)), .secret = std::move(secret)};
}

absl::Status StaleState() { return MakeError(absl::StatusCode::kAborted, "STALE_STATE", "another commit came first"); }

absl::Status LeaseLost() {
  return MakeError(absl::StatusCode::kAborted, "LEASE_LOST", "another replica evaluates now");
}

absl::Status MustLoad() {
  return MakeError(absl::StatusCode::kOutOfRange, "MUST_LOAD", "the state cannot be brought up to date piece by piece");
}

}  // namespace orewatch::alerting
