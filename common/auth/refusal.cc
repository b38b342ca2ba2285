#include "common/auth/refusal.h"

#include <algorithm>
#include <string>

#include "common/status/status.h"

namespace orewatch::auth {
namespace {

// In the order of the enumeration.
constexpr std::array<const char*, kRefusalCount> kReasons = {"NO_CREDENTIAL",
                                                             "AMBIGUOUS_CREDENTIAL",
                                                             "MALFORMED_CREDENTIAL",
                                                             "MALFORMED_TOKEN",
                                                             "ALGORITHM_NOT_ALLOWED",
                                                             "UNKNOWN_KEY",
                                                             "BAD_SIGNATURE",
                                                             "WRONG_ISSUER",
                                                             "WRONG_AUDIENCE",
                                                             "TOKEN_EXPIRED",
                                                             "TOKEN_NOT_YET_VALID",
                                                             "BAD_SUBJECT",
                                                             "RESERVED_PRINCIPAL",
                                                             "KEYS_UNAVAILABLE",
                                                             "BAD_KEY",
                                                             "KEY_EXPIRED",
                                                             "KEY_REVOKED",
                                                             "UNKNOWN_CERTIFICATE",
                                                             "SUBJECT_DENIED",
                                                             "BAD_PRINCIPAL",
                                                             "BAD_ROLE",
                                                             "MAY_NOT_SPEAK_FOR_OTHERS"};

absl::StatusCode CodeOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kMayNotSpeakForOthers:
    case Refusal::kSubjectDenied:
      return absl::StatusCode::kPermissionDenied;
    case Refusal::kKeysUnavailable:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kUnauthenticated;
  }
}

}  // namespace

absl::string_view ReasonOf(Refusal refusal) { return kReasons.at(static_cast<size_t>(refusal)); }

absl::Status Refuse(Refusal refusal, absl::string_view message) {
  return MakeError(CodeOf(refusal), ReasonOf(refusal), message);
}

Refusal RefusalOf(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  const auto* const found = std::find(kReasons.begin(), kReasons.end(), reason);
  return found == kReasons.end() ? Refusal::kMalformedCredential : static_cast<Refusal>(found - kReasons.begin());
}

}  // namespace orewatch::auth
