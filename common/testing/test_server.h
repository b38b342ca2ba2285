// A real server around the services of a test, with channels over loopback.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/rpc/health.h"
#include "common/rpc/server.h"
#include "common/testing/serve.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"

namespace orewatch::testing {

class TestServer {
 public:
  explicit TestServer(const std::vector<rpc::Service*>& services, const rpc::ServerOptions& options = {})
      : registry_(std::make_shared<prometheus::Registry>()) {
    KeepCallbackQueue();
    auto server = rpc::Server::Start(options, services, *registry_);
    if (!server.ok()) {
      ADD_FAILURE() << server.status();
      std::abort();
    }
    server_ = *std::move(server);
    server_->health().SetReady(true);
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", server_->port()); }
  std::shared_ptr<grpc::Channel> channel() { return server_->OwnChannel(); }
  // Retries reads of the given services.
  std::shared_ptr<grpc::Channel> tcp_channel(
      const std::vector<const google::protobuf::ServiceDescriptor*>& services = {}) {
    return rpc::Connect(address(), services);
  }
  rpc::Server& server() { return *server_; }
  std::string metrics() const { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace orewatch::testing
