#include "common/auth/public_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/base64url.h"
#include "common/auth/json.h"
#include "common/status/status.h"

namespace orewatch::auth {
namespace {

template <auto kFree>
struct Freeing {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freeing<EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Freeing<EVP_MD_CTX_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Freeing<OSSL_PARAM_BLD_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, Freeing<OSSL_PARAM_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Freeing<BN_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, Freeing<ECDSA_SIG_free>>;

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;
// Beyond 64 bits an exponent makes every look at a signature dear.
constexpr size_t kMostExponentBytes = 8;
constexpr size_t kP256Bytes = 32;

const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

NumberPtr Number(absl::string_view bytes) {
  return NumberPtr(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

absl::StatusOr<std::string> BytesIn(const nlohmann::json& jwk, const char* name) {
  const auto text = StringIn(jwk, name);
  auto bytes = text.has_value() ? DecodeBase64Url(*text) : std::nullopt;
  if (!bytes.has_value() || bytes->empty()) {
    return InvalidField(name, "must be base64url without padding");
  }
  return *std::move(bytes);
}

// Also checks that the numbers are a key of that type.
absl::StatusOr<KeyPtr> KeyFrom(const char* type, OSSL_PARAM_BLD* builder) {
  const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContextPtr making(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (parameters == nullptr || making == nullptr || EVP_PKEY_fromdata_init(making.get()) != 1 ||
      EVP_PKEY_fromdata(making.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return InvalidField("kty", absl::StrCat("the numbers are no ", type, " key"));
  }
  KeyPtr key(made);
  const KeyContextPtr checking(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (checking == nullptr || EVP_PKEY_public_check(checking.get()) != 1) {
    return InvalidField("kty", absl::StrCat("the numbers are no ", type, " key"));
  }
  return key;
}

absl::StatusOr<KeyPtr> RsaKey(const nlohmann::json& jwk) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string modulus, BytesIn(jwk, "n"));
  OREWATCH_ASSIGN_OR_RETURN(const std::string exponent, BytesIn(jwk, "e"));
  const NumberPtr n = Number(modulus);
  const NumberPtr e = Number(exponent);
  if (BN_num_bits(n.get()) < kLeastRsaBits || BN_num_bits(n.get()) > kMostRsaBits) {
    return InvalidField("n", absl::StrCat("must have ", kLeastRsaBits, " to ", kMostRsaBits, " bits"));
  }
  if (exponent.size() > kMostExponentBytes || BN_is_one(e.get()) || !BN_is_odd(e.get())) {
    return InvalidField("e", "must be an odd number above 1 of at most 64 bits");
  }
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return KeyFrom("RSA", builder.get());
}

absl::StatusOr<KeyPtr> P256Key(const nlohmann::json& jwk) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string x, BytesIn(jwk, "x"));
  OREWATCH_ASSIGN_OR_RETURN(const std::string y, BytesIn(jwk, "y"));
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) {
    return InvalidField("x", "x and y must have 32 bytes each");
  }
  // An uncompressed point.
  const std::string point = absl::StrCat("\x04", x, y);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return KeyFrom("EC", builder.get());
}

absl::StatusOr<KeyPtr> Ed25519Key(const nlohmann::json& jwk) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string x, BytesIn(jwk, "x"));
  KeyPtr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(x), x.size()));
  if (key == nullptr) {
    return InvalidField("x", "is no Ed25519 key");
  }
  return key;
}

// Nothing: a key that no algorithm of ours fits.
std::optional<Algorithm> AlgorithmFor(const nlohmann::json& jwk) {
  const auto type = StringIn(jwk, "kty");
  const auto curve = StringIn(jwk, "crv");
  if (type == "RSA") {
    return Algorithm::kRs256;
  }
  if (type == "EC" && curve == "P-256") {
    return Algorithm::kEs256;
  }
  return type == "OKP" && curve == "Ed25519" ? std::make_optional(Algorithm::kEdDsa) : std::nullopt;
}

bool IsForVerifying(const nlohmann::json& jwk, Algorithm algorithm) {
  if (jwk.contains("use") && StringIn(jwk, "use") != "sig") {
    return false;
  }
  if (jwk.contains("alg") && StringIn(jwk, "alg") != std::string(NameOf(algorithm))) {
    return false;
  }
  const auto operations = jwk.find("key_ops");
  return operations == jwk.end() ||
         (operations->is_array() && std::find(operations->begin(), operations->end(), "verify") != operations->end());
}

// As OpenSSL has it; nothing if it is no such signature.
std::string DerOfEcdsa(absl::string_view signature) {
  if (signature.size() != 2 * kP256Bytes) {
    return "";
  }
  const SignaturePtr parts(ECDSA_SIG_new());
  if (ECDSA_SIG_set0(parts.get(), Number(signature.substr(0, kP256Bytes)).release(),
                     Number(signature.substr(kP256Bytes)).release()) != 1) {
    return "";
  }
  unsigned char* encoded = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &encoded);
  std::string der(reinterpret_cast<const char*>(encoded), size > 0 ? static_cast<size_t>(size) : 0);
  OPENSSL_free(encoded);
  return der;
}

}  // namespace

struct PublicKey::Handle {
  KeyPtr key;
};

absl::StatusOr<Algorithm> AlgorithmOf(absl::string_view name) {
  for (const Algorithm algorithm : {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa}) {
    if (name == NameOf(algorithm)) {
      return algorithm;
    }
  }
  return InvalidField("alg", "must be RS256, ES256 or EdDSA");
}

absl::string_view NameOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
      return "RS256";
    case Algorithm::kEs256:
      return "ES256";
    case Algorithm::kEdDsa:
      return "EdDSA";
  }
  return "";
}

absl::StatusOr<PublicKey> PublicKey::FromJwk(const nlohmann::json& jwk) {
  const auto algorithm = AlgorithmFor(jwk);
  if (!algorithm.has_value() || !IsForVerifying(jwk, *algorithm)) {
    return absl::NotFoundError("a key for something else");
  }
  absl::StatusOr<KeyPtr> key = *algorithm == Algorithm::kRs256   ? RsaKey(jwk)
                               : *algorithm == Algorithm::kEs256 ? P256Key(jwk)
                                                                 : Ed25519Key(jwk);
  if (!key.ok()) {
    return key.status();
  }
  return PublicKey(*algorithm, std::make_shared<const Handle>(Handle{*std::move(key)}));
}

bool PublicKey::Verifies(absl::string_view signed_bytes, absl::string_view signature) const {
  const std::string der = algorithm_ == Algorithm::kEs256 ? DerOfEcdsa(signature) : std::string(signature);
  const EVP_MD* digest = algorithm_ == Algorithm::kEdDsa ? nullptr : EVP_sha256();
  const DigestContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  if (der.empty() || context == nullptr ||
      EVP_DigestVerifyInit(context.get(), &settings, digest, nullptr, handle_->key.get()) != 1) {
    return false;
  }
  if (algorithm_ == Algorithm::kRs256 && EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PADDING) != 1) {
    return false;
  }
  return EVP_DigestVerify(context.get(), Bytes(der), der.size(), Bytes(signed_bytes), signed_bytes.size()) == 1;
}

}  // namespace orewatch::auth
