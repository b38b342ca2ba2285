#include "services/ctl/import/entries.h"

namespace orewatch::ctl {

using ::google::protobuf::Message;
using registry::v1::Entry;

google::protobuf::Message& MutableResource(const FileKind& kind, Entry& entry) {
  const auto* field = Entry::descriptor()->FindFieldByName(std::string(kind.entry_field));
  return *entry.GetReflection()->MutableMessage(&entry, field);
}

const Message* ResourceOf(const Entry& entry) {
  const auto* reflection = entry.GetReflection();
  const auto* field = reflection->GetOneofFieldDescriptor(entry, Entry::descriptor()->oneof_decl(0));
  return field == nullptr ? nullptr : &reflection->GetMessage(entry, field);
}

std::string NameOf(const Entry& entry) {
  const Message* resource = ResourceOf(entry);
  const auto* field = resource == nullptr ? nullptr : resource->GetDescriptor()->FindFieldByName("name");
  return field == nullptr ? "" : resource->GetReflection()->GetString(*resource, field);
}

void SetName(const FileKind& kind, const std::string& name, Entry& entry) {
  Message& resource = MutableResource(kind, entry);
  if (const auto* field = resource.GetDescriptor()->FindFieldByName("name"); field != nullptr) {
    resource.GetReflection()->SetString(&resource, field, name);
  }
}

const FileKind* FileKindOf(const Entry& entry) {
  const Message* resource = ResourceOf(entry);
  if (resource == nullptr) {
    return nullptr;
  }
  std::string series;
  if (entry.has_statistic()) {
    const auto* field = resource->GetReflection()->GetOneofFieldDescriptor(
        *resource, registry::v1::Statistic::descriptor()->oneof_decl(0));
    series = field == nullptr ? "" : field->name();
  }
  const auto* held = entry.GetReflection()->GetOneofFieldDescriptor(entry, Entry::descriptor()->oneof_decl(0));
  for (const FileKind& kind : FileKinds()) {
    if (kind.entry_field == held->name() && kind.series == series) {
      return &kind;
    }
  }
  return nullptr;
}

}  // namespace orewatch::ctl
