// A table of handlers, as gRPC takes it.
#pragma once

#include <deque>
#include <string>

#include "common/rpc/call.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/impl/service_type.h"

namespace orewatch::rpc {

// Registers each method of the table with a raw callback handler, as generated code does: bytes in, bytes out.
// docs/adr/0002 says why the table replaces the generated base class.
class BoundService final : public grpc::Service {
 public:
  BoundService(const rpc::Service& table, CallRuntime& runtime, RpcMetrics& metrics, bool infrastructure);

 private:
  void Register(const std::string& path, const BoundMethod& bound);

  CallRuntime& runtime_;
  // Stable addresses: gRPC keeps pointers to the paths.
  std::deque<std::string> paths_;
  std::deque<BoundMethod> methods_;
};

// Answers UNIMPLEMENTED to every method that no service has, counts it under `unknown`, and has it leave the same
// traces as every other call.
class UnknownMethods final : public grpc::CallbackGenericService {
 public:
  UnknownMethods(RpcMetrics& metrics, CallRuntime& runtime)
      : metrics_(metrics.ForUnknownMethods()), runtime_(runtime) {}
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;

 private:
  // What the call is answered with.
  absl::Status Refuse(const std::string& peer, const std::string& method);
  void Account(const grpc::GenericCallbackServerContext& context, const std::string& peer, const std::string& method,
               const absl::Status& status, const TracePtr& trace);

  ServerMethodMetrics metrics_;
  CallRuntime& runtime_;
};

}  // namespace orewatch::rpc
