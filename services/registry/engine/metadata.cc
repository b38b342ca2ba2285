#include "services/registry/engine/metadata.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"

namespace orewatch::registry {

std::string EtagOf(const std::string& lineage, int64_t from_revision) {
  constexpr size_t kLineagePart = 8;
  return absl::StrCat(lineage.substr(0, kLineagePart), "-", from_revision);
}

void SetMetadata(const std::string& lineage, const StoredEntry& stored, google::protobuf::Message& message) {
  if (!IsResource(stored.kind)) {
    return;
  }
  const auto* field = InfoOf(stored.kind).metadata_field;
  auto& metadata = dynamic_cast<type::v1::Metadata&>(*message.GetReflection()->MutableMessage(&message, field));
  metadata.set_etag(EtagOf(lineage, stored.from_revision));
  metadata.mutable_revision()->set_lineage(lineage);
  metadata.mutable_revision()->set_number(stored.from_revision);
  *metadata.mutable_create_time() = ToProto(stored.create_time);
  *metadata.mutable_update_time() = ToProto(stored.update_time);
  if (stored.delete_time.has_value()) {
    *metadata.mutable_delete_time() = ToProto(*stored.delete_time);
    *metadata.mutable_purge_time() = ToProto(*stored.delete_time + kDeletedKept);
  }
}

v1::Entry WithMetadata(const std::string& lineage, StoredEntry stored) {
  SetMetadata(lineage, stored, MutableMessageIn(stored.kind, stored.entry));
  return std::move(stored.entry);
}

absl::Status NoSuchEntry(const std::string& key) {
  return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat(key, " does not exist"), {{"name", key}});
}

}  // namespace orewatch::registry
