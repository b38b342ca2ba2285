// Public keys that sign tokens.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orewatch::auth {

// There is no symmetric one, and no `none`.
enum class Algorithm { kRs256, kEs256, kEdDsa };

// `RS256`, `ES256` or `EdDSA`. INVALID_ARGUMENT for another name.
absl::StatusOr<Algorithm> AlgorithmOf(absl::string_view name);
absl::string_view NameOf(Algorithm algorithm);

// Knows the one algorithm that it may verify with, so that no header of a token can choose another. Immutable;
// thread-safe; copies share the key.
class PublicKey {
 public:
  // From a JWK (RFC 7517): RSA of 2048 to 8192 bits, EC on P-256, OKP on Ed25519. Certificates and addresses in it are
  // not looked at. NOT_FOUND: a key of another type or use, which is no concern of ours; INVALID_ARGUMENT: malformed
  // or weak. That nothing in it is private is for the key set to see.
  static absl::StatusOr<PublicKey> FromJwk(const nlohmann::json& jwk);

  Algorithm algorithm() const { return algorithm_; }
  // `signature` as JWS has it (RFC 7518): for ES256 the two numbers of 32 bytes.
  bool Verifies(absl::string_view signed_bytes, absl::string_view signature) const;

 private:
  struct Handle;
  PublicKey(Algorithm algorithm, std::shared_ptr<const Handle> handle)
      : algorithm_(algorithm), handle_(std::move(handle)) {}

  Algorithm algorithm_;
  std::shared_ptr<const Handle> handle_;
};

}  // namespace orewatch::auth
