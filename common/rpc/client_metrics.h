// What channels of ours count: the client metrics of go-grpc-middleware.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/rpc/method_metrics.h"
#include "grpcpp/support/client_interceptor.h"

namespace orewatch::rpc {

// Every method of the services stands at 0 from the start; calls of other methods are not counted. A call that the
// channel repeats counts once. Copies share the series; the registry outlives the channels.
class ClientMetrics {
 public:
  ClientMetrics(prometheus::Registry& registry,
                const std::vector<const google::protobuf::ServiceDescriptor*>& services);

  std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> MakeInterceptorFactory() const;

 private:
  // By path, e.g. /orewatch.risk.v1.Risk/GetScore.
  using ByPath = std::map<std::string, MethodMetrics>;
  class Factory;
  std::shared_ptr<const ByPath> methods_;
};

}  // namespace orewatch::rpc
