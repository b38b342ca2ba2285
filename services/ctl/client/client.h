// Calls to the services of a suite.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/tls/credentials.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace orewatch::ctl {

// Where the services listen; one address for all, or one each.
struct Endpoints {
  std::string gateway;
  std::string registry;
  std::string risk;
  std::string alerting;
};

// Full names of the services.
inline constexpr absl::string_view kGateway = "orewatch.gateway.v1.Gateway";
inline constexpr absl::string_view kRegistry = "orewatch.registry.v1.Registry";
inline constexpr absl::string_view kRisk = "orewatch.risk.v1.Risk";
inline constexpr absl::string_view kAlerting = "orewatch.alerting.v1.Alerting";

// Unary calls by the name of the method, so that the standard methods of all resources are one piece of code; streams
// take a channel and a generated stub. Thread-safe. Calls block.
class Client {
 public:
  struct Options {
    Endpoints endpoints;
    // For one unary call.
    absl::Duration timeout;
    // For an import or an export as a whole.
    absl::Duration transfer_timeout;
    // Who calls, for services that take a caller's word for it; empty: anonymous.
    std::string principal;
    tls::ChannelSecurity security = {};
    // How they prove it beside a certificate; empty: not at all.
    std::string authorization = {};
  };

  explicit Client(const Options& options);

  // Calls `service.method`. Returns the server's status; UNAVAILABLE: it cannot be reached; DEADLINE_EXCEEDED.
  absl::Status Call(absl::string_view service, absl::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message& response) const;

  template <typename Response>
  absl::StatusOr<Response> Call(absl::string_view service, absl::string_view method,
                                const google::protobuf::Message& request) const {
    Response response;
    absl::Status status = Call(service, method, request, response);
    return status.ok() ? absl::StatusOr<Response>(std::move(response)) : status;
  }

  const std::shared_ptr<grpc::Channel>& ChannelOf(absl::string_view service) const;

  // Gives a stream its deadline and its caller.
  void LimitTransfer(grpc::ClientContext& context) const;
  // Says who calls.
  void Identify(grpc::ClientContext& context) const;

 private:
  Options options_;
  std::shared_ptr<grpc::Channel> gateway_;
  std::shared_ptr<grpc::Channel> registry_;
  std::shared_ptr<grpc::Channel> risk_;
  std::shared_ptr<grpc::Channel> alerting_;
};

}  // namespace orewatch::ctl
