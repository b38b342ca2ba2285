#include "common/auth/method_roles.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "orewatch/access/v1/access.pb.h"

namespace orewatch::auth {

std::vector<std::string> MethodsWithoutRole(const google::protobuf::FileDescriptorSet& files) {
  std::vector<std::string> names;
  for (const auto& file : files.file()) {
    if (!absl::StartsWith(file.package(), "orewatch.")) {
      continue;
    }
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        if (method.options().GetExtension(access::v1::access).role() == access::v1::ROLE_UNSPECIFIED) {
          names.push_back(absl::StrCat(file.package(), ".", service.name(), ".", method.name()));
        }
      }
    }
  }
  return names;
}

}  // namespace orewatch::auth
