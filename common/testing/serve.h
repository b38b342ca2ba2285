// A bare gRPC server around the services that a test plays.
#pragma once

#include <memory>
#include <vector>

#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace orewatch::testing {

// Keeps the queue of gRPC's callback API until the process ends. gRPC 1.51 frees it with its last user, and sometimes
// while a thread of it still takes the last event, which corrupts the heap.
inline void KeepCallbackQueue() {
  static grpc::Server* const kept = [] {
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(new grpc::CallbackGenericService);
    return builder.BuildAndStart().release();
  }();
  static_cast<void>(kept);
}

// Reached through InProcessChannel, and on `port` of the loopback, if that is asked for.
inline std::unique_ptr<grpc::Server> Serve(const std::vector<grpc::Service*>& services, int* port = nullptr) {
  KeepCallbackQueue();
  grpc::ServerBuilder builder;
  if (port != nullptr) {
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), port);
  }
  for (grpc::Service* const service : services) {
    builder.RegisterService(service);
  }
  return builder.BuildAndStart();
}

}  // namespace orewatch::testing
