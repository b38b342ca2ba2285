#include "common/auth/access_control.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/auth/api_key.h"
#include "common/auth/principal.h"
#include "common/auth/refusal.h"
#include "common/hash/sha256.h"
#include "common/status/status.h"

namespace orewatch::auth {
namespace {

// About 10 MiB with their principals.
constexpr size_t kCachedTokens = 20'000;

rpc::Caller CallerOf(const Grant& grant, Credential credential) {
  rpc::Caller caller;
  caller.principal = grant.principal;
  caller.role = grant.role;
  caller.credential = NameOf(credential);
  caller.service = grant.service;
  return caller;
}

// The key or token of the call; empty: it has none.
absl::StatusOr<absl::string_view> SecretIn(const Presented& presented) {
  if (presented.authorization.count + presented.api_key.count > 1) {
    return Refuse(Refusal::kAmbiguousCredential, "send one of authorization and x-api-key, once");
  }
  if (presented.api_key.count == 1) {
    return presented.api_key.value;
  }
  absl::string_view text = presented.authorization.value;
  constexpr absl::string_view kScheme = "bearer ";
  if (presented.authorization.count == 1 &&
      (!absl::StartsWithIgnoreCase(text, kScheme) || text.size() == kScheme.size())) {
    return Refuse(Refusal::kMalformedCredential, "authorization must be `Bearer`, a space and a token or a key");
  }
  text.remove_prefix(std::min(text.size(), kScheme.size()));
  return text;
}

absl::Status CheckNotDenied(const Grant* subject) {
  return subject != nullptr && subject->denied ? Refuse(Refusal::kSubjectDenied, "the principal has been shut out")
                                               : absl::OkStatus();
}

// As whom a service calls that names somebody else.
absl::Status SpeakAs(absl::string_view principal, const Grant& grant, rpc::Caller& caller) {
  const bool reserved = IsReserved(principal);
  if (!grant.may_speak_for_others || (reserved && !grant.may_speak_for_services)) {
    return Refuse(Refusal::kMayNotSpeakForOthers,
                  absl::StrCat(grant.principal, " may not call on behalf of ", reserved ? "a service" : "others"));
  }
  if (!IsPrincipal(principal)) {
    return Refuse(Refusal::kBadPrincipal, "x-orewatch-principal must be 1 to 128 visible ASCII characters");
  }
  caller.through = std::exchange(caller.principal, std::string(principal));
  caller.service = reserved;
  return absl::OkStatus();
}

// Who it is that is spoken for, if anybody is. A service hands on no more than it may do itself.
absl::Status ApplySpeaking(const Presented& presented, const Grant& grant, rpc::Caller& caller) {
  if (presented.principal.count > 1 || presented.role.count > 1) {
    return Refuse(Refusal::kAmbiguousCredential, "send x-orewatch-principal and x-orewatch-role once");
  }
  if (presented.principal.count == 1 && presented.principal.value != absl::string_view(caller.principal)) {
    OREWATCH_RETURN_IF_ERROR(SpeakAs(presented.principal.value, grant, caller));
  }
  if (presented.role.count == 0) {
    // Whoever speaks for somebody says what they may do. A service has its own role under each of its names.
    return caller.through.empty() || caller.service
               ? absl::OkStatus()
               : Refuse(Refusal::kBadRole, "x-orewatch-role must say what the principal may do");
  }
  access::v1::Role role = access::v1::ROLE_UNSPECIFIED;
  const absl::string_view name = presented.role.value;
  if (!access::v1::Role_Parse({name.data(), name.size()}, &role)) {
    return Refuse(Refusal::kBadRole, "x-orewatch-role must be the name of a role");
  }
  caller.role = std::min(caller.role, role);
  return absl::OkStatus();
}

}  // namespace

AccessControl::AccessControl(Sources sources, const Clock& clock, AuthMetrics& metrics)
    : sources_(std::move(sources)), clock_(clock), metrics_(metrics), cache_(kCachedTokens) {
  if (const auto own = ParseApiKey(sources_.own_key); own.has_value()) {
    own_ = ApiKey{Sha256Of(own->secret), {"orewatch", access::v1::ROLE_ADMIN, true, true, true}, nullptr};
  }
}

std::shared_ptr<const AccessTable> AccessControl::Table() const {
  static const auto* const kEmpty = new std::shared_ptr<const AccessTable>(std::make_shared<const AccessTable>());
  auto table = sources_.access == nullptr ? nullptr : sources_.access->Current().value;
  return table == nullptr ? *kEmpty : table;
}

absl::StatusOr<rpc::Caller> AccessControl::Authenticate(const Presented& presented, const Identities& identities) {
  Credential credential = Credential::kNone;
  auto recognised = Recognise(presented, identities, credential);
  absl::Status status = recognised.status();
  if (status.ok()) {
    status = ApplySpeaking(presented, recognised->grant, recognised->caller);
  }
  if (status.ok() && !recognised->caller.through.empty()) {
    status = CheckNotDenied(Table()->FindSubject(recognised->caller.principal));
  }
  if (!status.ok()) {
    metrics_.Refused(credential, RefusalOf(status));
    return status;
  }
  metrics_.Accepted(credential);
  return std::move(recognised->caller);
}

absl::StatusOr<AccessControl::Recognised> AccessControl::Recognise(const Presented& presented,
                                                                   const Identities& identities,
                                                                   Credential& credential) {
  OREWATCH_ASSIGN_OR_RETURN(const absl::string_view secret, SecretIn(presented));
  if (!secret.empty() || presented.api_key.count == 1) {
    const bool is_key = presented.api_key.count == 1 || absl::StartsWith(secret, kApiKeyPrefix);
    credential = is_key ? Credential::kKey : Credential::kToken;
    return is_key ? ByKey(secret) : ByToken(secret);
  }
  const std::vector<std::string> known_as = identities();
  if (known_as.empty()) {
    return Refuse(Refusal::kNoCredential, "say who you are: with a token, a key or a client certificate");
  }
  credential = Credential::kCertificate;
  return ByCertificate(known_as);
}

absl::StatusOr<AccessControl::Recognised> AccessControl::ByKey(absl::string_view text) {
  const auto presented = ParseApiKey(text);
  if (!presented.has_value()) {
    return Refuse(Refusal::kMalformedCredential, "the key is not of the form ow_<id>_<secret>");
  }
  const auto table = Table();
  const std::string digest = Sha256Of(presented->secret);
  const bool own = own_.has_value() && ParseApiKey(sources_.own_key)->id == presented->id;
  const ApiKey* key = own ? &*own_ : table->FindKey(presented->id);
  // Where there is no such key the same is done, so that time does not tell.
  const std::string& expected = key == nullptr ? digest : key->digest;
  if (!EqualInConstantTime(digest, expected) || key == nullptr) {
    return Refuse(Refusal::kBadKey, "the key is not known, or its secret is another");
  }
  if (key->revoked) {
    return Refuse(Refusal::kKeyRevoked, "the key has been revoked");
  }
  if (key->expire_time <= clock_.Now()) {
    return Refuse(Refusal::kKeyExpired, "the key has expired");
  }
  Recognised recognised{CallerOf(key->grant, Credential::kKey), key->grant};
  recognised.caller.expire_time = key->expire_time;
  recognised.caller.scopes = key->scopes;
  return recognised;
}

absl::StatusOr<VerifiedToken> AccessControl::Verify(absl::string_view token) {
  if (sources_.token_keys == nullptr) {
    return Refuse(Refusal::kMalformedCredential, "tokens are not taken here, and a key begins with ow_");
  }
  const auto keys = sources_.token_keys->Current();
  if (keys.value == nullptr) {
    return Refuse(Refusal::kKeysUnavailable, "the keys of tokens could not be fetched; try again later");
  }
  if (token.size() > kMaxTokenBytes) {
    return Refuse(Refusal::kMalformedToken, absl::StrCat("the token has more than ", kMaxTokenBytes, " bytes"));
  }
  const absl::Time now = clock_.Now();
  const std::string digest = Sha256Of(token);
  if (auto known = cache_.Find(digest, keys.generation, now); known.has_value()) {
    metrics_.cache_hits().Increment();
    return *std::move(known);
  }
  metrics_.cache_misses().Increment();
  auto verified = VerifyToken(token, *keys.value, sources_.token_policy, now);
  if (verified.ok()) {
    cache_.Put(digest, keys.generation, *verified);
  } else if (RefusalOf(verified.status()) == Refusal::kUnknownKey && sources_.token_keys->WantSooner()) {
    sources_.key_missed();
  }
  return verified;
}

absl::StatusOr<AccessControl::Recognised> AccessControl::ByToken(absl::string_view token) {
  OREWATCH_ASSIGN_OR_RETURN(const VerifiedToken verified, Verify(token));
  const auto table = Table();
  const Grant* entry = table->FindSubject(verified.principal);
  OREWATCH_RETURN_IF_ERROR(CheckNotDenied(entry));
  if (entry == nullptr && IsReserved(verified.principal)) {
    return Refuse(Refusal::kReservedPrincipal, "the token's sub is a name for services");
  }
  Grant grant;
  if (entry != nullptr) {
    grant = *entry;
  } else {
    grant.principal = verified.principal;
    grant.role = verified.role;
  }
  Recognised recognised{CallerOf(grant, Credential::kToken), grant};
  recognised.caller.expire_time = verified.expire_time;
  return recognised;
}

absl::StatusOr<AccessControl::Recognised> AccessControl::ByCertificate(const std::vector<std::string>& identities) {
  const auto table = Table();
  for (const std::string& identity : identities) {
    if (const Grant* grant = table->FindCertificate(identity); grant != nullptr) {
      return Recognised{CallerOf(*grant, Credential::kCertificate), *grant};
    }
  }
  return Refuse(Refusal::kUnknownCertificate, "the client certificate is of nobody who is known here");
}

}  // namespace orewatch::auth
