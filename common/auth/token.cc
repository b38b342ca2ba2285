#include "common/auth/token.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/auth/base64url.h"
#include "common/auth/json.h"
#include "common/auth/principal.h"
#include "common/auth/refusal.h"
#include "common/status/status.h"

namespace orewatch::auth {
namespace {

using nlohmann::json;

struct ParsedToken {
  json header;
  json claims;
  absl::string_view signed_bytes;
  std::string signature;
};

absl::Status Malformed(absl::string_view what) {
  return Refuse(Refusal::kMalformedToken, absl::StrCat("the token ", what));
}

std::optional<json> ObjectIn(absl::string_view part) {
  const auto text = DecodeBase64Url(part);
  return text.has_value() ? ParseJsonObject(*text) : std::nullopt;
}

absl::StatusOr<ParsedToken> ParseToken(absl::string_view token) {
  if (token.size() > kMaxTokenBytes) {
    return Malformed(absl::StrCat("has more than ", kMaxTokenBytes, " bytes"));
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) {
    return Malformed("is not of three parts");
  }
  auto header = ObjectIn(parts[0]);
  auto claims = ObjectIn(parts[1]);
  auto signature = DecodeBase64Url(parts[2]);
  if (!header.has_value() || !claims.has_value() || !signature.has_value()) {
    return Malformed("is not of base64url over JSON objects whose names stand once");
  }
  return ParsedToken{*std::move(header), *std::move(claims), token.substr(0, parts[0].size() + 1 + parts[1].size()),
                     *std::move(signature)};
}

absl::StatusOr<Algorithm> AllowedAlgorithm(const json& header, const TokenPolicy& policy) {
  const auto algorithm = AlgorithmOf(StringIn(header, "alg").value_or(""));
  if (!algorithm.ok() || policy.algorithms.count(*algorithm) == 0) {
    return Refuse(Refusal::kAlgorithmNotAllowed, "the token is not signed by an algorithm of --jwt_algorithms");
  }
  return *algorithm;
}

absl::Status CheckHeader(const json& header) {
  // What must be understood is not.
  if (header.contains("crit")) {
    return Malformed("has critical extensions, and none is known here");
  }
  const auto type = StringIn(header, "typ");
  if (header.contains("typ") &&
      (!type.has_value() || (absl::AsciiStrToLower(*type) != "jwt" && absl::AsciiStrToLower(*type) != "at+jwt"))) {
    return Malformed("is of a type other than JWT and at+jwt");
  }
  return absl::OkStatus();
}

absl::Status CheckSignature(const ParsedToken& token, const KeySet& keys, const TokenPolicy& policy) {
  OREWATCH_ASSIGN_OR_RETURN(const Algorithm algorithm, AllowedAlgorithm(token.header, policy));
  OREWATCH_RETURN_IF_ERROR(CheckHeader(token.header));
  const auto id = StringIn(token.header, "kid");
  if (!id.has_value()) {
    return Refuse(Refusal::kUnknownKey, "the token does not say by its kid which key signed it");
  }
  const PublicKey* key = keys.Find(*id, algorithm);
  if (key == nullptr) {
    return keys.Has(*id) ? Refuse(Refusal::kAlgorithmNotAllowed, "the token's key is for another algorithm")
                         : Refuse(Refusal::kUnknownKey, "the token is signed with a key that is not known");
  }
  return key->Verifies(token.signed_bytes, token.signature)
             ? absl::OkStatus()
             : Refuse(Refusal::kBadSignature, "the token's signature is not that of its key");
}

// A NumericDate. Nothing if the claim is missing; malformed if it is no date up to the year 9999.
absl::StatusOr<std::optional<absl::Time>> TimeIn(const json& claims, const char* name) {
  constexpr double kYear10000 = 253402300800;
  const auto found = claims.find(name);
  if (found == claims.end()) {
    return std::optional<absl::Time>();
  }
  const double seconds = found->is_number() ? found->get<double>() : -1;
  if (seconds < 0 || seconds >= kYear10000) {
    return Malformed(absl::StrCat("has no date in ", name));
  }
  return std::make_optional(absl::UnixEpoch() + absl::Seconds(seconds));
}

// Returns when the token ends.
absl::StatusOr<absl::Time> CheckTimes(const json& claims, const TokenPolicy& policy, absl::Time now) {
  OREWATCH_ASSIGN_OR_RETURN(const auto expires, TimeIn(claims, "exp"));
  if (!expires.has_value()) {
    return Malformed("does not say when it expires");
  }
  if (*expires + policy.leeway <= now) {
    return Refuse(Refusal::kTokenExpired, "the token has expired");
  }
  for (const char* name : {"nbf", "iat"}) {
    OREWATCH_ASSIGN_OR_RETURN(const auto begins, TimeIn(claims, name));
    if (begins.has_value() && *begins > now + policy.leeway) {
      return Refuse(Refusal::kTokenNotYetValid, absl::StrCat("the token is not valid yet (", name, ")"));
    }
  }
  return *expires + policy.leeway;
}

absl::Status CheckAudience(const json& claims, const TokenPolicy& policy) {
  const auto named = claims.find("aud");
  const auto is_ours = [&](const json& audience) {
    return audience.is_string() && std::find(policy.audiences.begin(), policy.audiences.end(),
                                             audience.get_ref<const std::string&>()) != policy.audiences.end();
  };
  if (named != claims.end() &&
      (is_ours(*named) || (named->is_array() && std::any_of(named->begin(), named->end(), is_ours)))) {
    return absl::OkStatus();
  }
  return Refuse(Refusal::kWrongAudience, "the token is for another audience");
}

// Null: there is no such claim.
const json* RolesIn(const json& claims, const std::string& claim) {
  if (const auto whole = claims.find(claim); whole != claims.end()) {
    return &*whole;
  }
  const json* reached = &claims;
  for (const absl::string_view step : absl::StrSplit(claim, '.')) {
    if (!reached->is_object()) {
      return nullptr;
    }
    const auto next = reached->find(std::string(step));
    if (next == reached->end()) {
      return nullptr;
    }
    reached = &*next;
  }
  return reached;
}

access::v1::Role HighestRole(const json& claims, const std::string& claim) {
  access::v1::Role highest = access::v1::ROLE_UNSPECIFIED;
  const auto take = [&highest](absl::string_view name) { highest = std::max(highest, RoleNamed(name)); };
  const json* roles = RolesIn(claims, claim);
  if (roles != nullptr && roles->is_string()) {
    // As OAuth writes a scope.
    for (const absl::string_view name : absl::StrSplit(roles->get_ref<const std::string&>(), ' ')) {
      take(name);
    }
  } else if (roles != nullptr && roles->is_array()) {
    // A name of several words is one name: `billing admin` is no admin.
    for (const json& name : *roles) {
      if (name.is_string()) {
        take(name.get_ref<const std::string&>());
      }
    }
  }
  return highest;
}

}  // namespace

access::v1::Role RoleNamed(absl::string_view name) {
  access::v1::Role role = access::v1::ROLE_UNSPECIFIED;
  const bool lower = std::all_of(name.begin(), name.end(), absl::ascii_islower);
  return lower && access::v1::Role_Parse(absl::StrCat("ROLE_", absl::AsciiStrToUpper(name)), &role)
             ? role
             : access::v1::ROLE_UNSPECIFIED;
}

absl::StatusOr<VerifiedToken> VerifyToken(absl::string_view token, const KeySet& keys, const TokenPolicy& policy,
                                          absl::Time now) {
  OREWATCH_ASSIGN_OR_RETURN(const ParsedToken parsed, ParseToken(token));
  OREWATCH_RETURN_IF_ERROR(CheckSignature(parsed, keys, policy));
  const json& claims = parsed.claims;
  if (StringIn(claims, "iss") != policy.issuer) {
    return Refuse(Refusal::kWrongIssuer, "the token is of another issuer");
  }
  OREWATCH_RETURN_IF_ERROR(CheckAudience(claims, policy));
  OREWATCH_ASSIGN_OR_RETURN(const absl::Time expires, CheckTimes(claims, policy, now));
  const auto subject = StringIn(claims, "sub");
  if (!subject.has_value() || !IsPrincipal(*subject)) {
    return Refuse(Refusal::kBadSubject, "the token's sub must be 1 to 128 visible ASCII characters");
  }
  return VerifiedToken{*subject, HighestRole(claims, policy.role_claim), expires};
}

}  // namespace orewatch::auth
