#include "services/registry/domain/change_digest.h"

#include <array>

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

ChangeDigest::ChangeDigest(absl::string_view previous) { AddText(previous); }

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
  return sha_.Finish();
}

}  // namespace orewatch::registry
