// The other side of tokens, for tests: private keys and what is signed with them.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/auth/public_key.h"

namespace orewatch::auth {

// A fresh key pair. Copies share it. Thread-safe.
class SigningKey {
 public:
  SigningKey(Algorithm algorithm, std::string id, int rsa_bits = 2048);

  const std::string& id() const { return id_; }
  Algorithm algorithm() const { return algorithm_; }
  // Public part, as a JWK.
  nlohmann::json Jwk() const;
  // Over any bytes, as JWS has it.
  std::string Signature(absl::string_view bytes) const;
  // A token of these claims, under the usual header.
  std::string Token(const nlohmann::json& claims) const;
  // Under another header.
  std::string Token(const nlohmann::json& header, const nlohmann::json& claims) const;
  // Of parts that need be no JSON.
  std::string TokenOf(absl::string_view header, absl::string_view claims) const;

 private:
  struct Pair;
  Algorithm algorithm_;
  std::string id_;
  std::shared_ptr<const Pair> pair_;
};

// A JWK Set of their public parts.
std::string JwkSetOf(const std::vector<SigningKey>& keys);

inline constexpr char kTestIssuer[] = "https://issuer.example";
inline constexpr char kTestAudience[] = "orewatch-test";

// Claims of a token of kTestIssuer for kTestAudience that is valid for an hour from `now`.
nlohmann::json ClaimsOf(const std::string& subject, const std::string& role, absl::Time now);

}  // namespace orewatch::auth
