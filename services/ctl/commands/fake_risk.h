// A risk engine that answers from memory.
#pragma once

#include "common/testing/matchers.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"

namespace orewatch::ctl {

class FakeRisk : public risk::v1::Risk::Service {
 public:
  grpc::Status ListScores(grpc::ServerContext* /*context*/, const risk::v1::ListScoresRequest* request,
                          risk::v1::ListScoresResponse* response) override {
    last_filter = request->filter();
    *response->add_scores() = orewatch::testing::ParseProto<risk::v1::Score>(
        R"(key { subject: "minerals/zinc" stage: STAGE_REFINE method: METHOD_HHI } value: 2000 bottleneck: true
           known_stages: 2 completeness { state: STATE_COMPLETE })");
    return grpc::Status::OK;
  }

  grpc::Status GetScore(grpc::ServerContext* /*context*/, const risk::v1::GetScoreRequest* request,
                        risk::v1::Score* response) override {
    *response->mutable_key() = request->key();
    response->set_value(3);
    return grpc::Status::OK;
  }

  grpc::Status ExplainScore(grpc::ServerContext* /*context*/, const risk::v1::ExplainScoreRequest* request,
                            risk::v1::ScoreExplanation* response) override {
    *response->mutable_score()->mutable_key() = request->key();
    response->set_formula("sum of squares");
    if (request->since_revision() != 0) {
      response->mutable_changes()->set_since_revision(request->since_revision());
    }
    return grpc::Status::OK;
  }

  grpc::Status ListScoreYears(grpc::ServerContext* /*context*/, const risk::v1::ListScoreYearsRequest* request,
                              risk::v1::ListScoreYearsResponse* response) override {
    for (const int year : {2022, 2023}) {
      auto& score = *response->add_scores();
      *score.mutable_key() = request->key();
      score.set_reference_year(year);
      score.set_value(year);
    }
    return grpc::Status::OK;
  }

  // Two records, a page each.
  grpc::Status ListScoreHistory(grpc::ServerContext* /*context*/, const risk::v1::ListScoreHistoryRequest* request,
                                risk::v1::ListScoreHistoryResponse* response) override {
    last_history = *request;
    auto& score = *response->add_records()->mutable_score();
    *score.mutable_key() = request->key();
    score.mutable_changed_revision()->set_number(request->page_token().empty() ? 22 : 11);
    response->set_next_page_token(request->page_token().empty() ? "more" : "");
    return grpc::Status::OK;
  }

  // Pages of one.
  grpc::Status ListExposures(grpc::ServerContext* /*context*/, const risk::v1::ListExposuresRequest* request,
                             risk::v1::ListExposuresResponse* response) override {
    last_exposures = *request;
    *response->add_exposures() = orewatch::testing::ParseProto<risk::v1::Exposure>(
        R"(name: "suppliers/a" mineral: "minerals/zinc"
           tiers { tier: 1 unknown: 0.25 shares { name: "countries/CN" verified: 0.5 inferred: 0.25 } }
           tiers { tier: 2 unknown: 1 } assumptions: "LINK_WITHOUT_SHARE")");
    if (!request->page_token().empty() && request->subject() == "suppliers/large") {
      *response->add_exposures() = orewatch::testing::ParseProto<risk::v1::Exposure>(
          R"(name: "suppliers/large" mineral: "minerals/zinc" unset_reasons: "CHAIN_TOO_LARGE")");
    }
    response->set_next_page_token(request->page_token().empty() ? "more" : "");
    return grpc::Status::OK;
  }

  // Pages of one.
  grpc::Status ListSupplyPaths(grpc::ServerContext* /*context*/, const risk::v1::ListSupplyPathsRequest* request,
                               risk::v1::ListSupplyPathsResponse* response) override {
    last_paths = *request;
    *response->add_paths() = orewatch::testing::ParseProto<risk::v1::SupplyPath>(
        R"(links: "links/1" links: "links/2" source: "suppliers/b" share: 0.5 confidence: 0.4)");
    response->set_more(request->page_token() != "last");
    response->set_gave_up(!response->more());
    response->set_next_page_token(request->page_token().empty() ? "last" : "");
    return grpc::Status::OK;
  }

  grpc::Status ListFailurePoints(grpc::ServerContext* /*context*/,
                                 const risk::v1::ListFailurePointsRequest* /*request*/,
                                 risk::v1::ListFailurePointsResponse* response) override {
    response->set_truncated(true);
    return grpc::Status::OK;
  }

  grpc::Status GetTimeToSurvive(grpc::ServerContext* /*context*/, const risk::v1::GetTimeToSurviveRequest* request,
                                risk::v1::TimeToSurvive* response) override {
    last_survival = *request;
    *response = orewatch::testing::ParseProto<risk::v1::TimeToSurvive>(
        R"(earliest_days: 7 completeness { reasons: "SOURCES_UNKNOWN" })");
    return grpc::Status::OK;
  }

  grpc::Status RankPartners(grpc::ServerContext* /*context*/, const risk::v1::RankPartnersRequest* request,
                            risk::v1::RankPartnersResponse* response) override {
    last_ranking = *request;
    *response = orewatch::testing::ParseProto<risk::v1::RankPartnersResponse>(
        R"(partners { country: "countries/AU" rank: 1 best_rank: 1 worst_rank: 3 score: 0.5
             score_bounds { lower: 0.4 upper: 0.9 }
             factors { factor: PARTNER_FACTOR_OUTPUT value: 0.25 }
             factors { factor: PARTNER_FACTOR_FREE_TONNES reasons: "NO_HEADROOM_DATA" }
             best_possible_rank: 1 worst_possible_rank: 14 }
           not_ranked_on: PARTNER_FACTOR_FREE_TONNES
           weights { factor: PARTNER_FACTOR_OUTPUT weight: 1 } weights { factor: PARTNER_FACTOR_FREE_TONNES weight: 1 })");
    return grpc::Status::OK;
  }

  grpc::Status GetProjectOutlook(grpc::ServerContext* /*context*/, const risk::v1::GetProjectOutlookRequest* request,
                                 risk::v1::ProjectOutlook* response) override {
    last_outlook = *request;
    *response = orewatch::testing::ParseProto<risk::v1::ProjectOutlook>(
        R"(published { ever_produces { value: 0.45 bounds { lower: 0.45 upper: 1 } } }
           commitments { commitment { agency: "JOGMEC" } lapse_cost { tonnes_per_year: 100 days_of_cover: 10 } }
           milestones { title: "start of production" behind_plan_years: 1 still_growing: true })");
    response->mutable_project()->set_name(request->name());
    return grpc::Status::OK;
  }

  risk::v1::ScoreKey last_filter;
  risk::v1::ListScoreHistoryRequest last_history;
  risk::v1::ListExposuresRequest last_exposures;
  risk::v1::ListSupplyPathsRequest last_paths;
  risk::v1::GetTimeToSurviveRequest last_survival;
  risk::v1::RankPartnersRequest last_ranking;
  risk::v1::GetProjectOutlookRequest last_outlook;
};

}  // namespace orewatch::ctl
