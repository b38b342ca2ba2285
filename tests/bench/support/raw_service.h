// A gRPC service of methods on bytes, with nothing between them and the library.
#pragma once

#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/service_type.h"

namespace orewatch::bench {

class RawService : public grpc::Service {
 public:
  // Ends the call with what its response holds.
  static grpc::ServerUnaryReactor* Finished(grpc::CallbackServerContext& context);

 protected:
  // Methods are paths: "/package.Service/Method". A handler takes a context, the request and the response.
  template <typename Handler>
  void AddUnary(const char* method, Handler handler) {
    Add(method, grpc::internal::RpcMethod::NORMAL_RPC,
        new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(handler));
  }
  // Of a context and the request: a reactor that writes.
  template <typename Handler>
  void AddServerStream(const char* method, Handler handler) {
    Add(method, grpc::internal::RpcMethod::SERVER_STREAMING,
        new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(handler));
  }

 private:
  void Add(const char* method, grpc::internal::RpcMethod::RpcType type, grpc::internal::MethodHandler* handler);
  int count_ = 0;
};

// On a port of the loopback, until the process is killed. How the process ends if it cannot.
int Serve(grpc::Service& service, int port);

}  // namespace orewatch::bench
