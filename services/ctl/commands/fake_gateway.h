// A gateway that answers from memory.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "orewatch/gateway/v1/gateway.grpc.pb.h"

namespace orewatch::ctl {

class FakeGateway : public gateway::v1::Gateway::Service {
 public:
  grpc::Status GetOverview(grpc::ServerContext* /*context*/, const gateway::v1::GetOverviewRequest* request,
                           gateway::v1::Overview* response) override {
    response->set_critical_list(absl::StrCat(request->critical_list(), " for ", request->importer()));
    response->mutable_risk()->set_state(risk_state);
    return grpc::Status::OK;
  }

  grpc::Status GetCountryBrief(grpc::ServerContext* /*context*/, const gateway::v1::GetCountryBriefRequest* request,
                               gateway::v1::CountryBrief* response) override {
    *response = orewatch::testing::ParseProto<gateway::v1::CountryBrief>(
        R"(production { mineral: "minerals/copper" stage: STAGE_MINE share: 0.234 quantity { tonnes: 5300 } year: 2024
                        dataset: "usgs" hhi: 1200 }
           production { mineral: "minerals/rhenium" stage: STAGE_MINE quantity { withheld: true } year: 2024 }
           sections { production { state: STATE_FRESH } })");
    response->mutable_country()->set_name(request->name());
    return grpc::Status::OK;
  }
  grpc::Status GetSupplierBrief(grpc::ServerContext* /*context*/, const gateway::v1::GetSupplierBriefRequest* request,
                                gateway::v1::SupplierBrief* response) override {
    *response = orewatch::testing::ParseProto<gateway::v1::SupplierBrief>(
        R"(facilities { name: "suppliers/a/facilities/mine" country: "countries/CL" }
           score { formula: "weighted mean" score { value: 40 } }
           sections { facilities { state: STATE_STALE error: "gone" } alerts { state: STATE_UNAVAILABLE error: "slow" } })");
    response->mutable_supplier()->set_name(request->name());
    return grpc::Status::OK;
  }
  grpc::Status GetProjectBrief(grpc::ServerContext* /*context*/, const gateway::v1::GetProjectBriefRequest* request,
                               gateway::v1::ProjectBrief* response) override {
    response->mutable_project()->set_name(request->name());
    response->add_agreements()->set_name("agreements/a");
    response->mutable_sections()->mutable_agreements()->set_state(gateway::v1::SectionStatus::STATE_FRESH);
    return grpc::Status::OK;
  }
  // Two matches, a page each.
  grpc::Status Search(grpc::ServerContext* /*context*/, const gateway::v1::SearchRequest* request,
                      gateway::v1::SearchResponse* response) override {
    last_search = *request;
    const bool first = request->page_token().empty();
    *response = orewatch::testing::ParseProto<gateway::v1::SearchResponse>(
        first ? R"(results { name: "minerals/zinc" score: 2 entry { mineral { name: "minerals/zinc" } } }
                   next_page_token: "more" sections { registry { state: STATE_FRESH } })"
              : R"(results { name: "alerts/1" score: 1 alert { name: "alerts/1" summary: "Zinc is concentrated" } }
                   sections { registry { state: STATE_FRESH } })");
    return grpc::Status::OK;
  }
  // One message of each kind, and then what a restored registry says.
  grpc::Status WatchFeed(grpc::ServerContext* /*context*/, const gateway::v1::WatchFeedRequest* request,
                         grpc::ServerWriter<gateway::v1::WatchFeedResponse>* writer) override {
    watched_after = request->token();
    if (watched_after == "garbage") {
      return {grpc::StatusCode::INVALID_ARGUMENT, "is no token of a feed"};
    }
    for (const char* message :
         {R"(status { kind: FEED_KIND_SCORES status { state: STATE_UNAVAILABLE error: "gone" } } token: "t1")",
          R"(scores { removed { subject: "minerals/zinc" method: METHOD_HHI } } token: "t2")",
          R"(alert { alert { name: "alerts/1" summary: "Zinc is concentrated" } } token: "t3")"}) {
      writer->Write(orewatch::testing::ParseProto<gateway::v1::WatchFeedResponse>(message));
    }
    return {grpc::StatusCode::FAILED_PRECONDITION, "another history"};
  }
  grpc::Status GetCaller(grpc::ServerContext* /*context*/, const gateway::v1::GetCallerRequest* /*request*/,
                         gateway::v1::CallerInfo* response) override {
    response->set_principal("ann");
    response->set_role(access::v1::ROLE_ANALYST);
    response->set_credential("token");
    return grpc::Status::OK;
  }

  gateway::v1::SearchRequest last_search;
  std::string watched_after;
  gateway::v1::SectionStatus::State risk_state = gateway::v1::SectionStatus::STATE_FRESH;
};

}  // namespace orewatch::ctl
