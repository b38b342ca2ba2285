#include "tests/bench/support/raw_service.h"

#include "absl/strings/str_cat.h"

namespace orewatch::bench {

grpc::ServerUnaryReactor* RawService::Finished(grpc::CallbackServerContext& context) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

void RawService::Add(const char* method, grpc::internal::RpcMethod::RpcType type,
                     grpc::internal::MethodHandler* handler) {
  AddMethod(new grpc::internal::RpcServiceMethod(method, type, nullptr));
  MarkMethodRawCallback(count_++, handler);
}

int Serve(grpc::Service& service, int port) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) {
    return 1;
  }
  server->Wait();
  return 0;
}

}  // namespace orewatch::bench
