#include "common/hash/sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdlib>

namespace orewatch {

struct Sha256::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> md{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  if (EVP_DigestInit_ex(context_->md.get(), EVP_sha256(), nullptr) != 1) {
    std::abort();  // Only without memory.
  }
}

Sha256::~Sha256() = default;

void Sha256::Add(absl::string_view bytes) { EVP_DigestUpdate(context_->md.get(), bytes.data(), bytes.size()); }

std::string Sha256::Finish() {
  std::array<unsigned char, kSha256Bytes> digest{};
  EVP_DigestFinal_ex(context_->md.get(), digest.data(), nullptr);
  return {digest.begin(), digest.end()};
}

std::string Sha256Of(absl::string_view bytes) {
  Sha256 sha;
  sha.Add(bytes);
  return sha.Finish();
}

std::string HmacSha256(absl::string_view key, absl::string_view bytes) {
  std::array<unsigned char, kSha256Bytes> code{};
  // OpenSSL takes bytes as unsigned.
  const std::basic_string<unsigned char> message(bytes.begin(), bytes.end());
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(), code.data(), nullptr);
  return {code.begin(), code.end()};
}

bool EqualInConstantTime(absl::string_view one, absl::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace orewatch
