#include "services/registry/domain/change_digest.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/proto_time.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace orewatch::registry {

std::string CanonicalBytes(const google::protobuf::Message& message) {
  std::string bytes;
  bytes.reserve(message.ByteSizeLong());
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  // Maps have no order of their own.
  coded.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&coded);
  coded.Trim();
  return bytes;
}

ChangeDigest::ChangeDigest(absl::string_view previous, std::string secret) : secret_(std::move(secret)) {
  AddText(previous);
}

void ChangeDigest::AddNumber(int64_t number) {
  std::array<char, sizeof(number)> bytes{};
  auto rest = static_cast<uint64_t>(number);
  for (char& byte : bytes) {
    byte = static_cast<char>(rest);
    rest >>= 8U;
  }
  sha_.Add({bytes.data(), bytes.size()});
}

void ChangeDigest::AddText(absl::string_view text) {
  AddNumber(static_cast<int64_t>(text.size()));
  sha_.Add(text);
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
  // Apart from what else the secret is used for.
  return HmacSha256(secret_, absl::StrCat("change digest ", sha_.Finish()));
}

std::string DigestOf(const v1::ChangeSet& set, absl::string_view previous, const std::string& secret) {
  ChangeDigest digest(previous, secret);
  for (const v1::Change& change : set.changes()) {
    const auto kind = KindOf(change.has_after() ? change.after() : change.before());
    digest.AddChange(kind.value_or(Kind::kMineral), change.name(), change.operation(),
                     change.has_after() ? CanonicalBytes(change.after()) : "");
  }
  return digest.Finish(set.revision().number(), absl::ToUnixMicros(FromProto(set.commit_time())),
                       set.principal().subject(), set.request_id());
}

}  // namespace orewatch::registry
