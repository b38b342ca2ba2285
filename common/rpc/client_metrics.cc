#include "common/rpc/client_metrics.h"

#include "absl/strings/str_cat.h"
#include "common/time/steady.h"

namespace orewatch::rpc {
namespace {

using grpc::experimental::ClientRpcInfo;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;

// Of one call.
class CountingInterceptor final : public Interceptor {
 public:
  explicit CountingInterceptor(const MethodMetrics& metrics) : metrics_(metrics) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      metrics_.started->Increment();
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_MESSAGE)) {
      metrics_.sent->Increment();
    }
    // The end of a stream is a read without a message.
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE) &&
        methods->GetRecvMessage() != nullptr) {
      metrics_.received->Increment();
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_STATUS)) {
      NoteEnd(*methods->GetRecvStatus());
    }
    methods->Proceed();
  }

 private:
  void NoteEnd(const grpc::Status& status) {
    const int code = status.error_code();
    const bool known = code >= 0 && code < kCodeCount;
    metrics_.handled.at(static_cast<size_t>(known ? code : grpc::StatusCode::UNKNOWN))->Increment();
    if (metrics_.seconds != nullptr) {
      metrics_.seconds->Observe(absl::ToDoubleSeconds(SteadyNow() - started_));
    }
  }

  const MethodMetrics& metrics_;
  const absl::Time started_ = SteadyNow();
};

}  // namespace

class ClientMetrics::Factory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit Factory(std::shared_ptr<const ByPath> methods) : methods_(std::move(methods)) {}
  Interceptor* CreateClientInterceptor(ClientRpcInfo* info) override {
    const auto found = methods_->find(info->method());
    return found == methods_->end() ? nullptr : new CountingInterceptor(found->second);
  }

 private:
  std::shared_ptr<const ByPath> methods_;
};

ClientMetrics::ClientMetrics(prometheus::Registry& registry,
                             const std::vector<const google::protobuf::ServiceDescriptor*>& services) {
  MethodFamilies families(registry, "client");
  auto methods = std::make_shared<ByPath>();
  for (const auto* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      methods->emplace(absl::StrCat("/", service->full_name(), "/", method.name()), families.ForMethod(method));
    }
  }
  methods_ = std::move(methods);
}

std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> ClientMetrics::MakeInterceptorFactory() const {
  return std::make_unique<Factory>(methods_);
}

}  // namespace orewatch::rpc
