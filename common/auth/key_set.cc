#include "common/auth/key_set.h"

#include "absl/strings/str_cat.h"
#include "common/auth/json.h"
#include "common/status/status.h"

namespace orewatch::auth {
namespace {

// Far more than anybody rotates through.
constexpr size_t kMaxKeys = 100;

// A key that was meant to stay with the issuer, whatever it is for: nobody knows what else of theirs is out.
absl::Status CheckNothingPrivate(const nlohmann::json& keys) {
  for (size_t i = 0; i < keys.size(); ++i) {
    for (const char* member : {"d", "k", "p", "q"}) {
      if (keys[i].is_object() && keys[i].contains(member)) {
        return InvalidField(absl::StrCat("keys[", i, "].", member),
                            "must not be there: it makes a private or secret key public");
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KeySet> KeySet::Parse(absl::string_view text) {
  const auto document = text.size() <= kMaxBytes ? ParseJsonObject(text) : std::nullopt;
  const auto keys = document.has_value() ? document->find("keys") : nlohmann::json::const_iterator();
  if (!document.has_value() || keys == document->end() || !keys->is_array() || keys->size() > kMaxKeys) {
    return InvalidField("keys",
                        absl::StrCat("must be a JWK Set: a JSON object with an array of at most ", kMaxKeys, " keys"));
  }
  OREWATCH_RETURN_IF_ERROR(CheckNothingPrivate(*keys));
  KeySet set;
  for (size_t i = 0; i < keys->size(); ++i) {
    const nlohmann::json& jwk = (*keys)[i];
    const auto id = jwk.is_object() ? StringIn(jwk, "kid") : std::nullopt;
    if (!id.has_value()) {
      continue;
    }
    auto key = PublicKey::FromJwk(jwk);
    if (absl::IsNotFound(key.status())) {
      continue;
    }
    if (!key.ok()) {
      FieldViolations violations;
      violations.AddAll(absl::StrCat("keys[", i, "]."), key.status());
      return violations.ToStatus();
    }
    if (!set.keys_.emplace(std::pair(*id, key->algorithm()), *key).second) {
      return InvalidField(absl::StrCat("keys[", i, "].kid"), "is that of another key");
    }
  }
  if (set.keys_.empty()) {
    return InvalidField("keys", "has no RSA, P-256 or Ed25519 key with a kid");
  }
  return set;
}

const PublicKey* KeySet::Find(const std::string& id, Algorithm algorithm) const {
  const auto found = keys_.find({id, algorithm});
  return found == keys_.end() ? nullptr : &found->second;
}

bool KeySet::Has(const std::string& id) const {
  const auto first = keys_.lower_bound({id, Algorithm::kRs256});
  return first != keys_.end() && first->first.first == id;
}

}  // namespace orewatch::auth
