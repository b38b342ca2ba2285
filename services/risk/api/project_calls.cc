#include "services/risk/api/project_calls.h"

#include <string>
#include <utility>

#include "common/status/status.h"
#include "services/risk/api/outlook_answer.h"
#include "services/risk/api/partners_answer.h"

namespace orewatch::risk {
namespace {

constexpr int kThreads = 2;
constexpr size_t kQueue = 64;

absl::Status Overloaded() {
  return MakeError(absl::StatusCode::kResourceExhausted, "OVERLOADED",
                   "too many answers are being computed; try later");
}

}  // namespace

ProjectCalls::ProjectCalls() : executor_(kThreads, kQueue) {}

template <typename Request, typename Response>
void ProjectCalls::BindCall(const char* method, const AwaitSnapshot& await,
                            absl::StatusOr<Response> (*compute)(const Request&, const std::string&, const Snapshot&),
                            rpc::Service& service) {
  service.UnaryAsync<Request, Response>(
      method, [this, await, compute](const rpc::CallContext& context, const Request& request, auto respond) {
        await(context, request.min_revision(),
              [this, context, request, compute, respond](absl::StatusOr<Snapshot> snapshot) {
                if (!snapshot.ok()) {
                  return respond(std::move(snapshot).status());
                }
                const bool taken = executor_.TrySubmit([context, request, compute, respond, snapshot] {
                  respond(context.cancelled() ? absl::StatusOr<Response>(absl::CancelledError("nobody waits"))
                                              : compute(request, context.principal(), *snapshot));
                });
                if (!taken) {
                  respond(Overloaded());
                }
              });
      });
}

void ProjectCalls::Bind(const AwaitSnapshot& await, rpc::Service& service) {
  BindCall("GetProjectOutlook", await, ProjectOutlookAnswer, service);
  BindCall("RankPartners", await, RankPartnersAnswer, service);
}

}  // namespace orewatch::risk
