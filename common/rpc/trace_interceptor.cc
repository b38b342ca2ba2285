#include "common/rpc/trace_interceptor.h"

#include "common/trace/trace.h"

namespace orewatch::rpc {
namespace {

using grpc::experimental::InterceptionHookPoints;

class Adding final : public grpc::experimental::Interceptor {
 public:
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      auto& metadata = *methods->GetSendInitialMetadata();
      if (metadata.find(kTraceparentHeader) == metadata.end()) {
        const TracePtr trace = TraceScope::Current() != nullptr ? TraceScope::Current() : BeginTrace();
        metadata.emplace(kTraceparentHeader, Traceparent(*trace));
        if (!trace->state.empty()) {
          metadata.emplace(kTracestateHeader, trace->state);
        }
      }
    }
    methods->Proceed();
  }
};

class Factory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo*) override {
    return new Adding;
  }
};

}  // namespace

std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> MakeTraceFactory() {
  return std::make_unique<Factory>();
}

}  // namespace orewatch::rpc
