#include "common/testing/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace orewatch::testing {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;

void Check(bool ok) {
  if (!ok) {
    std::abort();
  }
}

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

std::string PemOf(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return TextOf(bio.get());
}

std::string PemOf(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return TextOf(bio.get());
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// Neither signed nor with an issuer yet.
Certificate MakeUnsigned(EVP_PKEY* key, const TestAuthority::Subject& subject) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  uint64_t serial = 0;
  Check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1U);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(subject.not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(subject.not_after));
  X509_set_pubkey(certificate.get(), key);
  if (!subject.common_name.empty()) {
    const auto* name = reinterpret_cast<const unsigned char*>(subject.common_name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8, name, -1, -1, 0);
  }
  return certificate;
}

}  // namespace

struct TestAuthority::Keys {
  Key key;
  Certificate certificate;
};

TestAuthority::TestAuthority(const std::string& name) : keys_(std::make_unique<Keys>()) {
  keys_->key.reset(EVP_EC_gen("P-256"));
  Subject subject;
  subject.common_name = name;
  keys_->certificate = MakeUnsigned(keys_->key.get(), subject);
  X509* certificate = keys_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(certificate, certificate, NID_subject_key_identifier, "hash");
  Check(X509_sign(certificate, keys_->key.get(), EVP_sha256()) > 0);
  certificate_ = PemOf(certificate);
}

TestAuthority::~TestAuthority() = default;

KeyPair TestAuthority::Issue(const Subject& subject) const {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = MakeUnsigned(key.get(), subject);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(keys_->certificate.get()));
  AddExtension(certificate.get(), keys_->certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(certificate.get(), keys_->certificate.get(), NID_authority_key_identifier, "keyid:always");
  if (!subject.alternative_names.empty()) {
    AddExtension(certificate.get(), keys_->certificate.get(), NID_subject_alt_name, subject.alternative_names);
  }
  Check(X509_sign(certificate.get(), keys_->key.get(), EVP_sha256()) > 0);
  return {PemOf(certificate.get()), PemOf(key.get())};
}

void ReplaceFile(const std::string& path, const std::string& content) {
  const std::string fresh = path + ".new";
  std::ofstream(fresh, std::ios::binary) << content;
  std::filesystem::rename(fresh, path);
}

}  // namespace orewatch::testing
