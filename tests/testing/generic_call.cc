#include "tests/testing/generic_call.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

namespace orewatch::testing {

absl::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel,
                           const google::protobuf::MethodDescriptor& method, const std::string& bytes,
                           absl::Duration timeout, const std::vector<std::pair<std::string, std::string>>& metadata) {
  const grpc::Slice slice(bytes);
  grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  for (const auto& [name, value] : metadata) {
    context.AddMetadata(name, value);
  }
  grpc::GenericStub stub(channel);
  absl::Notification done;
  grpc::Status status;
  stub.UnaryCall(&context, absl::StrCat("/", method.service()->full_name(), "/", method.name()), grpc::StubOptions(),
                 &request, &response, [&](grpc::Status result) {
                   status = std::move(result);
                   done.Notify();
                 });
  done.WaitForNotification();
  return rpc::FromGrpc(status);
}

std::string RequestBytes(const google::protobuf::MethodDescriptor& method, const std::string& text) {
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  const std::unique_ptr<google::protobuf::Message> request(factory->GetPrototype(method.input_type())->New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << method.name() << " " << text;
  return request->SerializeAsString();
}

}  // namespace orewatch::testing
