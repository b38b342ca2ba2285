#include "common/rpc/service.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace orewatch::rpc {
namespace {

[[noreturn]] void Misbound(const std::string& method, const char* why) {
  std::fprintf(stderr, "cannot bind %s: %s\n", method.c_str(), why);
  std::abort();
}

}  // namespace

void Service::UnaryOfAnyType(
    const std::string& method, Runs runs,
    std::function<absl::StatusOr<MessagePtr>(const CallContext&, const google::protobuf::Message&)> handler) {
  const auto* declared = descriptor_->FindMethodByName(method);
  if (declared == nullptr) {
    Misbound(method, "the service does not declare it");
  }
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  Method& bound =
      Add(method, *factory->GetPrototype(declared->input_type()), *factory->GetPrototype(declared->output_type()));
  bound.runs = runs;
  bound.unary = [handler = std::move(handler)](const CallContext& context, const google::protobuf::Message& request,
                                               const ErasedRespond& respond) { respond(handler(context, request)); };
}

void Service::AtOnce(const std::string& method, ErasedAtOnce handler) {
  const auto bound = methods_.find(method);
  if (bound == methods_.end() || bound->second.unary == nullptr) {
    Misbound(method, "it has no handler that could be spared");
  }
  bound->second.at_once = std::move(handler);
}

Service::Method& Service::Add(const std::string& method, const google::protobuf::Message& request,
                              const google::protobuf::Message& response) {
  const auto* declared = descriptor_->FindMethodByName(method);
  if (declared == nullptr) {
    Misbound(method, "the service does not declare it");
  }
  if (declared->input_type() != request.GetDescriptor() || declared->output_type() != response.GetDescriptor()) {
    Misbound(method, "its request or response has another type");
  }
  auto [bound, inserted] = methods_.try_emplace(method);
  if (!inserted) {
    Misbound(method, "it is bound already");
  }
  bound->second.descriptor = declared;
  bound->second.request_prototype = &request;
  bound->second.response_prototype = &response;
  return bound->second;
}

}  // namespace orewatch::rpc
