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

// Answers UNIMPLEMENTED to every method that no service has, and counts it under `unknown`.
class UnknownMethods final : public grpc::CallbackGenericService {
 public:
  // `ledger` may be null.
  UnknownMethods(RpcMetrics& metrics, CallLedger* ledger, Intake& intake)
      : metrics_(metrics.ForUnknownMethods()), ledger_(ledger), intake_(intake) {}
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;

 private:
  ServerMethodMetrics metrics_;
  CallLedger* const ledger_;
  Intake& intake_;
};

}  // namespace orewatch::rpc
