#include "services/gateway/client/neighbours.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/rpc/grpc_status.h"
#include "common/status/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"

namespace orewatch::gateway {
namespace {

constexpr int kPageSize = 1000;
constexpr char kBlocs[] = "blocs/";

absl::Status NotConnected() {
  return MakeError(absl::StatusCode::kUnavailable, "NOT_CONNECTED", "the process is still starting");
}

// Starts one call: fills in the response and calls back with its status.
template <typename Request, typename Response>
using StartCall =
    std::function<void(grpc::ClientContext*, const Request*, Response*, std::function<void(grpc::Status)>)>;

template <typename Request, typename Response>
struct UnaryState {
  grpc::ClientContext context;
  Request request;
  Response response;
};

template <typename Request, typename Response>
void CallOnce(const StartCall<Request, Response>& start, const Request& request, absl::Time deadline,
              Done<Response> done) {
  auto state = std::make_shared<UnaryState<Request, Response>>();
  state->context.set_deadline(absl::ToChronoTime(deadline));
  state->request = request;
  start(&state->context, &state->request, &state->response,
        [state, done = std::move(done)](const grpc::Status& status) {
          if (!status.ok()) {
            return done(rpc::FromGrpc(status));
          }
          done(std::move(state->response));
        });
}

// Fetches page after page into one response.
template <typename Request, typename Response>
void CallAllPages(StartCall<Request, Response> start, Request request, absl::Time deadline, Done<Response> done,
                  Response collected = {}, int pages_left = Neighbours::kMaxPages) {
  request.set_page_size(kPageSize);
  auto next = [start, request, deadline, done = std::move(done), collected = std::move(collected),
               pages_left](absl::StatusOr<Response> page) mutable {
    if (!page.ok()) {
      return done(std::move(page).status());
    }
    collected.MergeFrom(*page);
    collected.set_next_page_token(page->next_page_token());
    if (page->next_page_token().empty() || pages_left == 1) {
      return done(std::move(collected));
    }
    request.set_page_token(page->next_page_token());
    CallAllPages<Request, Response>(start, std::move(request), deadline, std::move(done), std::move(collected),
                                    pages_left - 1);
  };
  CallOnce<Request, Response>(start, request, deadline, std::move(next));
}

}  // namespace

struct Neighbours::Stubs {
  std::unique_ptr<registry::v1::Registry::Stub> registry;
  std::unique_ptr<risk::v1::Risk::Stub> risk;
  std::unique_ptr<alerting::v1::Alerting::Stub> alerting;
};

Neighbours::Neighbours() = default;
Neighbours::~Neighbours() = default;

void Neighbours::Connect(const Channels& channels) {
  auto stubs = std::make_shared<Stubs>(Stubs{registry::v1::Registry::NewStub(channels.registry),
                                             risk::v1::Risk::NewStub(channels.risk),
                                             alerting::v1::Alerting::NewStub(channels.alerting)});
  absl::MutexLock lock(&mutex_);
  stubs_ = std::move(stubs);
}

std::shared_ptr<Neighbours::Stubs> Neighbours::stubs() const {
  absl::MutexLock lock(&mutex_);
  return stubs_;
}

void Neighbours::GetMineral(const std::string& name, const Terms& terms, Done<registry::v1::Mineral> done) {
  const auto stubs = this->stubs();
  if (stubs == nullptr) {
    return done(NotConnected());
  }
  registry::v1::GetMineralRequest request;
  request.set_name(name);
  request.set_min_revision(terms.min_revision);
  CallOnce<registry::v1::GetMineralRequest, registry::v1::Mineral>(
      [stubs](auto* context, const auto* sent, auto* received, auto called) {
        stubs->registry->async()->GetMineral(context, sent, received, std::move(called));
      },
      request, terms.deadline, std::move(done));
}

void Neighbours::FindImporter(const std::string& name, const Terms& terms, Done<std::string> done) {
  const auto stubs = this->stubs();
  if (stubs == nullptr) {
    return done(NotConnected());
  }
  const auto found = [name, done = std::move(done)](const auto& resource) {
    resource.ok() ? done(name) : done(resource.status());
  };
  if (absl::StartsWith(name, kBlocs)) {
    registry::v1::GetBlocRequest request;
    request.set_name(name);
    request.set_min_revision(terms.min_revision);
    return CallOnce<registry::v1::GetBlocRequest, registry::v1::Bloc>(
        [stubs](auto* context, const auto* sent, auto* received, auto called) {
          stubs->registry->async()->GetBloc(context, sent, received, std::move(called));
        },
        request, terms.deadline, found);
  }
  registry::v1::GetCountryRequest request;
  request.set_name(name);
  request.set_min_revision(terms.min_revision);
  CallOnce<registry::v1::GetCountryRequest, registry::v1::Country>(
      [stubs](auto* context, const auto* sent, auto* received, auto called) {
        stubs->registry->async()->GetCountry(context, sent, received, std::move(called));
      },
      request, terms.deadline, found);
}

void Neighbours::ListMinerals(const Terms& terms, Done<registry::v1::ListMineralsResponse> done) {
  const auto stubs = this->stubs();
  if (stubs == nullptr) {
    return done(NotConnected());
  }
  registry::v1::ListMineralsRequest request;
  request.set_min_revision(terms.min_revision);
  CallAllPages<registry::v1::ListMineralsRequest, registry::v1::ListMineralsResponse>(
      [stubs](auto* context, const auto* sent, auto* received, auto called) {
        stubs->registry->async()->ListMinerals(context, sent, received, std::move(called));
      },
      std::move(request), terms.deadline, std::move(done));
}

void Neighbours::ListScores(const risk::v1::ScoreKey& filter, const Terms& terms,
                            Done<risk::v1::ListScoresResponse> done) {
  const auto stubs = this->stubs();
  if (stubs == nullptr) {
    return done(NotConnected());
  }
  risk::v1::ListScoresRequest request;
  *request.mutable_filter() = filter;
  request.set_min_revision(terms.min_revision);
  CallAllPages<risk::v1::ListScoresRequest, risk::v1::ListScoresResponse>(
      [stubs](auto* context, const auto* sent, auto* received, auto called) {
        stubs->risk->async()->ListScores(context, sent, received, std::move(called));
      },
      std::move(request), terms.deadline, std::move(done));
}

void Neighbours::ListAlerts(alerting::v1::ListAlertsRequest filter, const Terms& terms,
                            Done<alerting::v1::ListAlertsResponse> done) {
  const auto stubs = this->stubs();
  if (stubs == nullptr) {
    return done(NotConnected());
  }
  filter.set_min_revision(terms.min_revision);
  CallAllPages<alerting::v1::ListAlertsRequest, alerting::v1::ListAlertsResponse>(
      [stubs](auto* context, const auto* sent, auto* received, auto called) {
        stubs->alerting->async()->ListAlerts(context, sent, received, std::move(called));
      },
      std::move(filter), terms.deadline, std::move(done));
}

}  // namespace orewatch::gateway
