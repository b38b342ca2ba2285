#include "services/registry/api/views.h"

#include <vector>

#include "services/registry/domain/kinds.h"

namespace orewatch::registry {

using google::protobuf::FieldDescriptor;

void Trim(v1::ResourceView view, google::protobuf::Message& resource) {
  if (view != v1::RESOURCE_VIEW_BASIC) {
    return;
  }
  std::vector<const FieldDescriptor*> fields;
  resource.GetReflection()->ListFields(resource, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool list = field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map();
    if (list || field->message_type() == type::v1::Provenance::descriptor()) {
      resource.GetReflection()->ClearField(&resource, field);
    }
  }
}

void TrimEntry(v1::ResourceView view, v1::Entry& entry) {
  if (const auto kind = KindOf(entry); kind.has_value()) {
    Trim(view, MutableMessageIn(*kind, entry));
  }
}

}  // namespace orewatch::registry
