// Looks for methods that do not say who may call them.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.pb.h"

namespace orewatch::auth {

// Full names of the methods of our packages that declare no role (orewatch/access/v1/access.proto), in order.
std::vector<std::string> MethodsWithoutRole(const google::protobuf::FileDescriptorSet& files);

}  // namespace orewatch::auth
