// RegistryHead by the registry's word.
#pragma once

#include <memory>

#include "grpcpp/channel.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "services/alerting/api/registry_head.h"

namespace orewatch::alerting {

class AskedRegistryHead final : public RegistryHead {
 public:
  explicit AskedRegistryHead(const std::shared_ptr<grpc::Channel>& registry)
      : stub_(registry::v1::Registry::NewStub(registry)) {}
  void Ask(const rpc::CallContext& call, std::function<void(const absl::StatusOr<int64_t>&)> done) const override;

 private:
  const std::shared_ptr<registry::v1::Registry::Stub> stub_;
};

}  // namespace orewatch::alerting
