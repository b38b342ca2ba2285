#include "services/alerting/feed/asked_registry_head.h"

#include <algorithm>
#include <utility>

#include "common/rpc/deadline.h"
#include "common/rpc/grpc_status.h"
#include "common/time/steady.h"

namespace orewatch::alerting {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(2);

struct Question {
  grpc::ClientContext context;
  registry::v1::GetHeadRequest request;
  registry::v1::GetHeadResponse response;
};

}  // namespace

void AskedRegistryHead::Ask(const rpc::CallContext& call,
                            std::function<void(const absl::StatusOr<int64_t>&)> done) const {
  const auto question = std::make_shared<Question>();
  rpc::SetDeadline(question->context, std::min(call.deadline(), SteadyNow() + kPatience));
  call.OnCancel([question] { question->context.TryCancel(); });
  stub_->async()->GetHead(&question->context, &question->request, &question->response,
                          [question, stub = stub_, done = std::move(done)](const grpc::Status& status) {
                            status.ok() ? done(question->response.revision().number()) : done(rpc::FromGrpc(status));
                          });
}

}  // namespace orewatch::alerting
