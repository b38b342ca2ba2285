#include "common/auth/testing/signing_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/base64url.h"

namespace orewatch::auth {
namespace {

using nlohmann::json;

constexpr int kP256Bytes = 32;

EVP_PKEY* NewPair(Algorithm algorithm, int rsa_bits) {
  switch (algorithm) {
    case Algorithm::kRs256:
      return EVP_RSA_gen(static_cast<unsigned>(rsa_bits));
    case Algorithm::kEs256:
      return EVP_EC_gen("P-256");
    case Algorithm::kEdDsa:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  }
  return nullptr;
}

std::string NumberIn(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(number);
  return EncodeBase64Url(bytes);
}

// The two numbers of an ECDSA signature, 32 bytes each.
std::string RawOfDer(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* parts = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
  std::string raw(2 * kP256Bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(parts), out, kP256Bytes);
  BN_bn2binpad(ECDSA_SIG_get0_s(parts), out + kP256Bytes, kP256Bytes);
  ECDSA_SIG_free(parts);
  return raw;
}

}  // namespace

struct SigningKey::Pair {
  explicit Pair(EVP_PKEY* pair) : key(pair) {
    if (key == nullptr) {
      std::abort();
    }
  }
  ~Pair() { EVP_PKEY_free(key); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  EVP_PKEY* key;
};

SigningKey::SigningKey(Algorithm algorithm, std::string id, int rsa_bits)
    : algorithm_(algorithm), id_(std::move(id)), pair_(std::make_shared<const Pair>(NewPair(algorithm, rsa_bits))) {}

json SigningKey::Jwk() const {
  EVP_PKEY* key = pair_->key;
  if (algorithm_ == Algorithm::kRs256) {
    return {{"kty", "RSA"},
            {"kid", id_},
            {"n", NumberIn(key, OSSL_PKEY_PARAM_RSA_N)},
            {"e", NumberIn(key, OSSL_PKEY_PARAM_RSA_E)}};
  }
  std::array<unsigned char, 1 + 2 * kP256Bytes> bytes{};
  size_t size = bytes.size();
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  if (algorithm_ == Algorithm::kEdDsa) {
    EVP_PKEY_get_raw_public_key(key, bytes.data(), &size);
    return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", id_}, {"x", EncodeBase64Url({text, size})}};
  }
  EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size(), &size);
  return {{"kty", "EC"},
          {"crv", "P-256"},
          {"kid", id_},
          {"x", EncodeBase64Url({text + 1, kP256Bytes})},
          {"y", EncodeBase64Url({text + 1 + kP256Bytes, kP256Bytes})}};
}

std::string SigningKey::Signature(absl::string_view bytes) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, nullptr, algorithm_ == Algorithm::kEdDsa ? nullptr : EVP_sha256(), nullptr, pair_->key);
  const auto* text = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t size = 0;
  EVP_DigestSign(context, nullptr, &size, text, bytes.size());
  std::string signature(size, '\0');
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, text, bytes.size());
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return algorithm_ == Algorithm::kEs256 ? RawOfDer(signature) : signature;
}

std::string SigningKey::Token(const json& claims) const {
  return Token({{"alg", std::string(NameOf(algorithm_))}, {"kid", id_}, {"typ", "JWT"}}, claims);
}

std::string SigningKey::Token(const json& header, const json& claims) const {
  return TokenOf(header.dump(), claims.dump());
}

std::string SigningKey::TokenOf(absl::string_view header, absl::string_view claims) const {
  const std::string text = absl::StrCat(EncodeBase64Url(header), ".", EncodeBase64Url(claims));
  return absl::StrCat(text, ".", EncodeBase64Url(Signature(text)));
}

std::string JwkSetOf(const std::vector<SigningKey>& keys) {
  json set = {{"keys", json::array()}};
  for (const SigningKey& key : keys) {
    set["keys"].push_back(key.Jwk());
  }
  return set.dump();
}

json ClaimsOf(const std::string& subject, const std::string& role, absl::Time now) {
  return {{"iss", kTestIssuer},
          {"aud", kTestAudience},
          {"sub", subject},
          {"roles", {role}},
          {"iat", absl::ToUnixSeconds(now)},
          {"exp", absl::ToUnixSeconds(now + absl::Hours(1))}};
}

}  // namespace orewatch::auth
