// Fails the build if a method of a descriptor set says nothing of who may call it.
// usage: method_roles <descriptor set>
#include <fstream>
#include <iostream>

#include "common/auth/method_roles.h"

int main(int argc, char** argv) {
  google::protobuf::FileDescriptorSet files;
  std::ifstream file(argc == 2 ? argv[1] : "", std::ios::binary);
  if (!file || !files.ParseFromIstream(&file) || files.file_size() == 0) {
    std::cerr << "usage: method_roles <descriptor set>\n";
    return 2;
  }
  const auto names = orewatch::auth::MethodsWithoutRole(files);
  for (const std::string& name : names) {
    std::cerr << "error: " << name << " declares no role: say who may call it by option (orewatch.access.v1.access)\n";
  }
  return names.empty() ? 0 : 1;
}
