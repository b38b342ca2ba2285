#include "common/rpc/method_traits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/api/annotations.pb.h"

namespace orewatch::rpc {

bool MayChangeSomething(const google::protobuf::MethodDescriptor& method) {
  const auto& options = method.options();
  if (options.GetExtension(access::v1::access).role() >= access::v1::ROLE_OPERATOR) {
    return true;
  }
  if (options.idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS) {
    return false;
  }
  return options.GetExtension(google::api::http).pattern_case() != google::api::HttpRule::kGet;
}

std::string CollectionOf(const google::protobuf::MethodDescriptor& method) {
  const std::string& path = method.options().GetExtension(google::api::http).post();
  return path.substr(path.rfind('/') + 1);
}

std::string PathOf(const google::protobuf::MethodDescriptor& method) {
  return absl::StrCat(method.service()->full_name(), "/", method.name());
}

access::v1::Access AccessOf(const google::protobuf::MethodDescriptor& method) {
  access::v1::Access access = method.options().GetExtension(access::v1::access);
  if (access.priority() == access::v1::PRIORITY_UNSPECIFIED) {
    access.set_priority(access::v1::PRIORITY_READ);
  }
  access.set_cost(std::max(access.cost(), 1));
  if (access.max_request_bytes() == 0) {
    access.set_max_request_bytes(kSmallRequestBytes);
  }
  return access;
}

}  // namespace orewatch::rpc
