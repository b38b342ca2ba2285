#include "services/ctl/client/client.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/rpc/authorization.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace orewatch::ctl {
namespace {

// The channel repeats the calls of `service` that may be repeated.
std::shared_ptr<grpc::Channel> Connect(const std::string& target, absl::string_view service,
                                       const tls::ChannelSecurity& security) {
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(service));
  return rpc::Connect(
      target,
      descriptor == nullptr ? std::vector<const google::protobuf::ServiceDescriptor*>() : std::vector{descriptor},
      {.security = security});
}

absl::Status Serialize(const google::protobuf::Message& message, grpc::ByteBuffer& buffer) {
  bool owned = false;
  return rpc::FromGrpc(
      grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, &buffer, &owned));
}

absl::Status Parse(grpc::ByteBuffer& buffer, google::protobuf::Message& message) {
  return rpc::FromGrpc(grpc::GenericDeserialize<grpc::ProtoBufferReader, google::protobuf::Message>(&buffer, &message));
}

}  // namespace

Client::Client(const Options& options)
    : options_(options),
      gateway_(Connect(options.endpoints.gateway, kGateway, options.security)),
      registry_(Connect(options.endpoints.registry, kRegistry, options.security)),
      risk_(Connect(options.endpoints.risk, kRisk, options.security)),
      alerting_(Connect(options.endpoints.alerting, kAlerting, options.security)) {}

absl::Status Client::Call(absl::string_view service, absl::string_view method, const google::protobuf::Message& request,
                          google::protobuf::Message& response) const {
  grpc::ByteBuffer sent;
  if (absl::Status status = Serialize(request, sent); !status.ok()) {
    return status;
  }
  grpc::ClientContext context;
  rpc::SetTimeout(context, options_.timeout);
  Identify(context);
  grpc::ByteBuffer received;
  grpc::Status result;
  absl::Notification done;
  grpc::GenericStub stub(ChannelOf(service));
  stub.UnaryCall(&context, absl::StrCat("/", service, "/", method), grpc::StubOptions(), &sent, &received,
                 [&](grpc::Status status) {
                   result = std::move(status);
                   done.Notify();
                 });
  done.WaitForNotification();
  return result.ok() ? Parse(received, response) : rpc::FromGrpc(result);
}

const std::shared_ptr<grpc::Channel>& Client::ChannelOf(absl::string_view service) const {
  if (service == kRegistry) {
    return registry_;
  }
  if (service == kRisk) {
    return risk_;
  }
  return service == kAlerting ? alerting_ : gateway_;
}

void Client::LimitTransfer(grpc::ClientContext& context) const {
  rpc::SetTimeout(context, options_.transfer_timeout);
  Identify(context);
}

void Client::Identify(grpc::ClientContext& context) const {
  if (!options_.principal.empty()) {
    context.AddMetadata(rpc::kPrincipalHeader, options_.principal);
  }
  if (!options_.authorization.empty()) {
    context.AddMetadata(rpc::kAuthorizationHeader, options_.authorization);
  }
}

}  // namespace orewatch::ctl
