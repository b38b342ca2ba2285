// The registry as a caller sees it: a real server over each engine of the store, called by whom a test says.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/call_runtime.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "services/registry/api/registry_service.h"
#include "tests/conformance/registry_store_engines.h"

namespace orewatch::registry {

using Stub = v1::Registry::Stub;

// One registry with its server.
class TestRegistry {
 public:
  TestRegistry(const EngineCase& engine, const Clock& clock) : engine_(engine.make()) { Start(clock); }
  ~TestRegistry() { server_.reset(); }
  std::shared_ptr<grpc::Channel> channel() { return server_->tcp_channel(); }
  // Another process over the same storage.
  void Restart(const Clock& clock) {
    server_.reset();
    service_.reset();
    registry.reset();
    store.reset();
    Start(clock);
  }

 private:
  void Start(const Clock& clock) {
    store = engine_->Open(clock);
    registry = std::make_unique<Registry>(*store, clock);
    service_ = std::make_unique<RegistryService>(*registry, std::set<std::string>{"trusted"});
    rpc::ServerOptions options;
    options.authenticator = rpc::TrustPrincipalHeader();
    server_ = std::make_unique<testing::TestServer>(std::vector<rpc::Service*>{&service_->service()}, options);
    stub = v1::Registry::NewStub(server_->tcp_channel());
  }

  std::unique_ptr<StoreEngine> engine_;

 public:
  std::unique_ptr<RegistryStore> store;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<Stub> stub;

 private:
  std::unique_ptr<RegistryService> service_;
  std::unique_ptr<testing::TestServer> server_;
};

class RegistryApiTest : public ::testing::TestWithParam<EngineCase> {
 protected:
  // Calls a unary method.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request, const std::string& principal = "alice") {
    return CallOn(*api_, method, request, principal);
  }
  template <typename Request, typename Response>
  static absl::StatusOr<Response> CallOn(TestRegistry& api,
                                         grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                         const Request& request, const std::string& principal) {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    Response response;
    const absl::Status status = rpc::FromGrpc(((*api.stub).*method)(&context, request, &response));
    return status.ok() ? absl::StatusOr<Response>(std::move(response)) : status;
  }
  // The same with the request in text format.
  template <typename Request, typename Response>
  absl::StatusOr<Response> CallText(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                    const std::string& request, const std::string& principal = "alice") {
    return Call(method, testing::ParseProto<Request>(request), principal);
  }

  // Creates or updates entries in one change set.
  absl::StatusOr<v1::ApplyChangesResponse> Put(const std::vector<std::string>& entries,
                                               const std::string& principal = "alice") {
    v1::ApplyChangesRequest request;
    for (const std::string& entry : entries) {
      auto& mutation = *request.add_mutations();
      mutation.set_operation(v1::Mutation::OPERATION_UPDATE);
      mutation.set_allow_missing(true);
      *mutation.mutable_entry() = testing::ParseProto<v1::Entry>(entry);
    }
    return Call(&Stub::ApplyChanges, request, principal);
  }
  static std::string Mineral(const std::string& id, const std::string& more = "") {
    return absl::StrCat("mineral { name: 'minerals/", id, "' provenance { source: 'a test' } ", more, " }");
  }
  static std::string Supplier(const std::string& id, const std::string& more = "") {
    return absl::StrCat("supplier { name: 'suppliers/", id, "' provenance { source: 'a test' } ", more, " }");
  }
  static std::string Facility(const std::string& supplier, const std::string& id, const std::string& more = "") {
    return absl::StrCat("facility { name: 'suppliers/", supplier, "/facilities/", id,
                        "' provenance { source: 'a test' } ", more, " }");
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<TestRegistry> api_ = std::make_unique<TestRegistry>(GetParam(), clock_);
};

inline std::string EngineOf(const ::testing::TestParamInfo<EngineCase>& engine) { return engine.param.name; }

// A watch that a test reads one message at a time.
class Watcher {
 public:
  Watcher(Stub& stub, const std::string& request, const std::string& principal = "alice") {
    context_.AddMetadata(rpc::kPrincipalHeader, principal);
    reader_ = stub.Watch(&context_, testing::ParseProto<v1::WatchRequest>(request));
  }
  ~Watcher() {
    context_.TryCancel();
    reader_->Finish();
  }
  v1::ChangeSet Next() {
    v1::ChangeSet set;
    EXPECT_TRUE(reader_->Read(&set));
    return set;
  }
  // Of a stream that ends at once.
  static absl::Status Refused(Stub& stub, const std::string& request) {
    grpc::ClientContext context;
    return rpc::FromGrpc(stub.Watch(&context, testing::ParseProto<v1::WatchRequest>(request))->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::ChangeSet>> reader_;
};

}  // namespace orewatch::registry
