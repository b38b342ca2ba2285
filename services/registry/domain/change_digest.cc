#include "services/registry/domain/change_digest.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace orewatch::registry {

std::string CanonicalBytes(const v1::Entry& entry) {
  std::string bytes;
  bytes.reserve(entry.ByteSizeLong());
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  // Maps have no order of their own.
  coded.SetSerializationDeterministic(true);
  entry.SerializeWithCachedSizes(&coded);
  coded.Trim();
  return bytes;
}

struct ChangeDigest::Sha256 {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

ChangeDigest::ChangeDigest(absl::string_view previous) : sha_(std::make_unique<Sha256>()) {
  if (EVP_DigestInit_ex(sha_->context.get(), EVP_sha256(), nullptr) != 1) {
    std::abort();  // Only without memory.
  }
  AddText(previous);
}

ChangeDigest::~ChangeDigest() = default;

void ChangeDigest::AddNumber(int64_t number) {
  std::array<unsigned char, sizeof(number)> bytes{};
  auto rest = static_cast<uint64_t>(number);
  for (unsigned char& byte : bytes) {
    byte = static_cast<unsigned char>(rest);
    rest >>= 8U;
  }
  EVP_DigestUpdate(sha_->context.get(), bytes.data(), bytes.size());
}

void ChangeDigest::AddText(absl::string_view text) {
  AddNumber(static_cast<int64_t>(text.size()));
  EVP_DigestUpdate(sha_->context.get(), text.data(), text.size());
}

void ChangeDigest::AddChange(Kind kind, absl::string_view key, v1::Change::Operation operation,
                             absl::string_view after) {
  AddNumber(static_cast<int64_t>(kind));
  AddText(key);
  AddNumber(operation);
  AddText(after);
}

std::string ChangeDigest::Finish(int64_t revision, int64_t commit_time_micros, absl::string_view principal,
                                 absl::string_view request_id) {
  AddNumber(revision);
  AddNumber(commit_time_micros);
  AddText(principal);
  AddText(request_id);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(sha_->context.get(), digest.data(), &size);
  return {digest.begin(), digest.begin() + size};
}

}  // namespace orewatch::registry
