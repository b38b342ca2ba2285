#include "common/tls/material.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::tls {
namespace {

constexpr size_t kMaxBytes = 1024 * 1024;
// What NIST SP 800-57 asks for, and OpenSSL's security level 2 insists upon: RSA with 2048 bits.
constexpr int kLeastSecurityBits = 112;

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  if (path.empty()) {
    return std::string();
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const std::streamsize bytes = file.gcount();
  if (bytes <= 0) {
    return InvalidField(path, "cannot be read, or is empty");
  }
  if (static_cast<size_t>(bytes) > kMaxBytes) {
    return InvalidField(path, absl::StrCat("is longer than ", kMaxBytes, " bytes"));
  }
  text.resize(static_cast<size_t>(bytes));
  return text;
}

Bio BioOf(absl::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// OpenSSL would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::StatusOr<std::vector<Certificate>> ParseCertificates(absl::string_view text, const std::string& path) {
  const Bio bio = BioOf(text);
  std::vector<Certificate> certificates;
  ERR_clear_error();
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr)}) {
    certificates.push_back(std::move(next));
  }
  const auto error = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
    return InvalidField(path, absl::StrCat("breaks off or is damaged after ", certificates.size(), " certificates"));
  }
  if (certificates.empty()) {
    return InvalidField(path, "holds no certificate in PEM");
  }
  return certificates;
}

absl::StatusOr<Key> ParseKey(absl::string_view text, const std::string& path) {
  const Bio bio = BioOf(text);
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return InvalidField(path, "holds no private key in PEM without a passphrase");
  }
  if (EVP_PKEY_get_security_bits(key.get()) < kLeastSecurityBits) {
    return InvalidField(path, "is too weak: RSA takes 2048 bits or more, elliptic curves 224");
  }
  return key;
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? absl::FromTM(parts, absl::UTCTimeZone()) : absl::InfinitePast();
}

absl::Status CheckDates(const X509& certificate, const std::string& path, absl::Time now) {
  const absl::Time begins = TimeOf(X509_get0_notBefore(&certificate));
  const absl::Time ends = TimeOf(X509_get0_notAfter(&certificate));
  if (now < begins) {
    return InvalidField(path, absl::StrCat("is not valid before ", absl::FormatTime(begins, absl::UTCTimeZone())));
  }
  if (now >= ends) {
    return InvalidField(path, absl::StrCat("has expired at ", absl::FormatTime(ends, absl::UTCTimeZone())));
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> CheckPair(const Material& material, const MaterialFiles& files, absl::Time now) {
  OREWATCH_ASSIGN_OR_RETURN(const auto chain, ParseCertificates(material.certificate, files.certificate));
  OREWATCH_ASSIGN_OR_RETURN(const Key key, ParseKey(material.key, files.key));
  const bool fits = X509_check_private_key(chain.front().get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits) {
    return InvalidField(files.key, absl::StrCat("is not the key of ", files.certificate));
  }
  for (const Certificate& certificate : chain) {
    OREWATCH_RETURN_IF_ERROR(CheckDates(*certificate, files.certificate, now));
  }
  return TimeOf(X509_get0_notAfter(chain.front().get()));
}

// Old authorities may stay in the file: while they are replaced there are two.
absl::StatusOr<absl::Time> CheckAuthorities(const Material& material, const MaterialFiles& files, absl::Time now) {
  OREWATCH_ASSIGN_OR_RETURN(const auto authorities, ParseCertificates(material.ca, files.ca));
  absl::Time last = absl::InfinitePast();
  absl::Status refusal;
  for (const Certificate& authority : authorities) {
    if (absl::Status status = CheckDates(*authority, files.ca, now); !status.ok()) {
      refusal = std::move(status);
    } else {
      last = std::max(last, TimeOf(X509_get0_notAfter(authority.get())));
    }
  }
  return last == absl::InfinitePast() ? absl::StatusOr<absl::Time>(refusal) : last;
}

}  // namespace

absl::StatusOr<Material> ReadMaterial(const MaterialFiles& files) {
  Material material;
  OREWATCH_ASSIGN_OR_RETURN(material.certificate, ReadFile(files.certificate));
  OREWATCH_ASSIGN_OR_RETURN(material.key, ReadFile(files.key));
  OREWATCH_ASSIGN_OR_RETURN(material.ca, ReadFile(files.ca));
  return material;
}

absl::StatusOr<Validity> CheckMaterial(const Material& material, const MaterialFiles& files, absl::Time now) {
  Validity validity;
  if (material.certificate.empty() != material.key.empty()) {
    return material.key.empty() ? InvalidField(files.certificate, "is a certificate without a key")
                                : InvalidField(files.key, "is a key without a certificate");
  }
  if (!material.certificate.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(validity.certificate, CheckPair(material, files, now));
  }
  if (!material.ca.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(validity.ca, CheckAuthorities(material, files, now));
  }
  return validity;
}

}  // namespace orewatch::tls
