#include "tests/chaos/replica_caller.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"

namespace orewatch::testing {

ReplicaCaller::ReplicaCaller(const std::vector<std::string>& addresses, Random& random) : random_(random) {
  for (const std::string& address : addresses) {
    stubs_.push_back(std::make_unique<RegistryStub>(
        rpc::Connect(absl::StrCat("ipv4:", address), std::vector<const google::protobuf::ServiceDescriptor*>())));
  }
  current_ = static_cast<size_t>(Between(0, static_cast<int64_t>(stubs_.size()) - 1, random_));
}

void ReplicaCaller::Turn() {
  if (stubs_.size() > 1) {
    current_ =
        (current_ + static_cast<size_t>(Between(1, static_cast<int64_t>(stubs_.size()) - 1, random_))) % stubs_.size();
  }
}

bool ReplicaCaller::IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
}

}  // namespace orewatch::testing
