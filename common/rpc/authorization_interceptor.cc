#include "common/rpc/authorization_interceptor.h"

#include <utility>

namespace orewatch::rpc {
namespace {

using grpc::experimental::InterceptionHookPoints;

class Adding final : public grpc::experimental::Interceptor {
 public:
  explicit Adding(const Authorization& authorization) : authorization_(authorization) {}
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      if (std::string text = authorization_(); !text.empty()) {
        methods->GetSendInitialMetadata()->emplace(kAuthorizationHeader, std::move(text));
      }
    }
    methods->Proceed();
  }

 private:
  const Authorization& authorization_;
};

class Factory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit Factory(Authorization authorization) : authorization_(std::move(authorization)) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo*) override {
    return new Adding(authorization_);
  }

 private:
  const Authorization authorization_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> MakeAuthorizationFactory(
    Authorization authorization) {
  return std::make_unique<Factory>(std::move(authorization));
}

}  // namespace orewatch::rpc
