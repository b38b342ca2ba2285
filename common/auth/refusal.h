// Why somebody is not let in: one reason each, for the caller and for the metric.
#pragma once

#include <array>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orewatch::auth {

enum class Refusal {
  kNoCredential,
  kAmbiguousCredential,
  kMalformedCredential,
  kMalformedToken,
  kAlgorithmNotAllowed,
  kUnknownKey,
  kBadSignature,
  kWrongIssuer,
  kWrongAudience,
  kTokenExpired,
  kTokenNotYetValid,
  kBadSubject,
  kReservedPrincipal,
  kKeysUnavailable,
  kBadKey,
  kKeyExpired,
  kKeyRevoked,
  kUnknownCertificate,
  kSubjectDenied,
  kBadPrincipal,
  kBadRole,
  kMayNotSpeakForOthers,
};
inline constexpr size_t kRefusalCount = static_cast<size_t>(Refusal::kMayNotSpeakForOthers) + 1;

// The reason in ErrorInfo, e.g. TOKEN_EXPIRED.
absl::string_view ReasonOf(Refusal refusal);

// UNAUTHENTICATED with the reason; PERMISSION_DENIED for kMayNotSpeakForOthers and kSubjectDenied, UNAVAILABLE for
// kKeysUnavailable.
// `message` never holds a credential.
absl::Status Refuse(Refusal refusal, absl::string_view message);

// The refusal whose reason a status carries. The status is one made by Refuse.
Refusal RefusalOf(const absl::Status& status);

}  // namespace orewatch::auth
