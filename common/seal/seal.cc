#include "common/seal/seal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/hash/sha256.h"

namespace orewatch {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr int kTagBytes = 16;
constexpr size_t kStepBytes = 128;
// Ends the text before the zeros that fill it up.
constexpr char kEnd = '\x01';

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
enum class Direction { kOpen = 0, kSeal = 1 };

// OpenSSL takes bytes as unsigned.
using Bytes = std::basic_string<unsigned char>;
Bytes BytesOf(absl::string_view text) { return {text.begin(), text.end()}; }

// These calls fail only without memory.
void Require(int result) {
  if (result != 1) {
    std::abort();
  }
}

Cipher CipherFor(Direction direction, absl::string_view salt, absl::string_view context, absl::string_view secret) {
  Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const Bytes key = BytesOf(HmacSha256(secret, absl::StrCat(salt, context)));
  // Each key serves once, so that the nonce may be the same.
  constexpr std::array<unsigned char, 12> kNonce{};
  Require(EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), kNonce.data(),
                            static_cast<int>(direction)));
  return cipher;
}

Bytes Run(EVP_CIPHER_CTX* cipher, const Bytes& in) {
  Bytes out(in.size(), 0);
  int written = 0;
  Require(EVP_CipherUpdate(cipher, out.data(), &written, in.data(), static_cast<int>(in.size())));
  return out;
}

template <size_t kBytes>
std::string RandomBytes() {
  std::array<unsigned char, kBytes> random{};
  Require(RAND_bytes(random.data(), static_cast<int>(random.size())));
  return {random.begin(), random.end()};
}

std::string FilledUp(absl::string_view text) {
  std::string filled = absl::StrCat(text, absl::string_view(&kEnd, 1));
  filled.resize((filled.size() + kStepBytes - 1) / kStepBytes * kStepBytes, '\0');
  return filled;
}

}  // namespace

std::string Seal(absl::string_view text, absl::string_view context, absl::string_view secret) {
  const std::string salt = RandomBytes<kSaltBytes>();
  const Cipher cipher = CipherFor(Direction::kSeal, salt, context, secret);
  const Bytes enciphered = Run(cipher.get(), BytesOf(FilledUp(text)));
  std::array<unsigned char, kTagBytes> tag{};
  int rest = 0;
  Require(EVP_CipherFinal_ex(cipher.get(), tag.data(), &rest));
  Require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()));
  return absl::StrCat(salt, std::string(enciphered.begin(), enciphered.end()), std::string(tag.begin(), tag.end()));
}

std::string NewSecret() { return RandomBytes<32>(); }

std::optional<std::string> Unseal(absl::string_view sealed, absl::string_view context, absl::string_view secret) {
  if (sealed.size() < kSaltBytes + kStepBytes + kTagBytes) {
    return std::nullopt;
  }
  const absl::string_view salt = sealed.substr(0, kSaltBytes);
  const absl::string_view enciphered = sealed.substr(kSaltBytes, sealed.size() - kSaltBytes - kTagBytes);
  Bytes tag = BytesOf(sealed.substr(sealed.size() - kTagBytes));
  const Cipher cipher = CipherFor(Direction::kOpen, salt, context, secret);
  const Bytes filled = Run(cipher.get(), BytesOf(enciphered));
  Require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()));
  int rest = 0;
  if (EVP_CipherFinal_ex(cipher.get(), tag.data(), &rest) != 1) {
    return std::nullopt;
  }
  const std::string text(filled.begin(), filled.end());
  return text.substr(0, text.rfind(kEnd));
}

}  // namespace orewatch
