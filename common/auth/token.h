// Tokens that say who calls: JWT (RFC 7519) as signed compact JWS (RFC 7515).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/auth/key_set.h"
#include "orewatch/access/v1/access.pb.h"

namespace orewatch::auth {

struct TokenPolicy {
  // `iss` must be it.
  std::string issuer;
  // `aud` must be, or hold, one of them.
  std::vector<std::string> audiences;
  std::set<Algorithm> algorithms = {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa};
  // How far the clocks of the issuer and ours may be apart.
  absl::Duration leeway = absl::Minutes(1);
  // Claim with the roles: its name, or else the way to it (`realm_access.roles`). Its value is a name, several with
  // spaces between, or an array of names.
  std::string role_claim = "roles";
};

struct VerifiedToken {
  // `sub`.
  std::string principal;
  // The highest of `viewer`, `analyst`, `operator` and `admin` that it claims; else ROLE_UNSPECIFIED.
  access::v1::Role role = access::v1::ROLE_UNSPECIFIED;
  // `exp`, and the leeway.
  absl::Time expire_time;
};

inline constexpr size_t kMaxTokenBytes = 8192;

// Only what `keys` verifies is believed: a key, or an address of one, that the token itself brings is not looked at. A
// refusal (refusal.h) says which claim is wrong, after the signature has been found right.
absl::StatusOr<VerifiedToken> VerifyToken(absl::string_view token, const KeySet& keys, const TokenPolicy& policy,
                                          absl::Time now);

// The role of that name, in lower case and without `ROLE_`. ROLE_UNSPECIFIED: there is none.
access::v1::Role RoleNamed(absl::string_view name);

}  // namespace orewatch::auth
