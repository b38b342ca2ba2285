#include "services/registry/api/request_view.h"

namespace orewatch::registry {

using google::protobuf::FieldDescriptor;

const FieldDescriptor* RequestView::Find(const std::string& field) const {
  return request_.GetDescriptor()->FindFieldByName(field);
}

std::string RequestView::Text(const std::string& field) const {
  const FieldDescriptor* found = Find(field);
  return found == nullptr ? "" : request_.GetReflection()->GetString(request_, found);
}

bool RequestView::Flag(const std::string& field) const {
  const FieldDescriptor* found = Find(field);
  return found != nullptr && request_.GetReflection()->GetBool(request_, found);
}

int64_t RequestView::Number(const std::string& field) const {
  const FieldDescriptor* found = Find(field);
  if (found == nullptr) {
    return 0;
  }
  return found->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? request_.GetReflection()->GetInt32(request_, found)
                                                             : request_.GetReflection()->GetInt64(request_, found);
}

int RequestView::Enum(const std::string& field) const {
  const FieldDescriptor* found = Find(field);
  return found == nullptr ? 0 : request_.GetReflection()->GetEnumValue(request_, found);
}

const google::protobuf::Message* RequestView::Nested(const std::string& field) const {
  const FieldDescriptor* found = Find(field);
  return found == nullptr ? nullptr : &request_.GetReflection()->GetMessage(request_, found);
}

}  // namespace orewatch::registry
