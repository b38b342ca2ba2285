// A risk engine, alerting and a gateway that answer from memory.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "orewatch/gateway/v1/gateway.grpc.pb.h"
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

class FakeAlerting : public alerting::v1::Alerting::Service {
 public:
  grpc::Status ListAlerts(grpc::ServerContext* /*context*/, const alerting::v1::ListAlertsRequest* request,
                          alerting::v1::ListAlertsResponse* response) override {
    last_state = request->state();
    last_filter = request->filter();
    response->set_sequence(111);
    for (const std::string& name : alerts) {
      response->add_alerts()->set_name(name);
    }
    return grpc::Status::OK;
  }

  grpc::Status WatchAlerts(grpc::ServerContext* /*context*/, const alerting::v1::WatchAlertsRequest* request,
                           grpc::ServerWriter<alerting::v1::WatchAlertsResponse>* /*writer*/) override {
    watched_after = request->after_sequence();
    return {grpc::StatusCode::OUT_OF_RANGE, "ahead"};
  }

  grpc::Status UpdateRule(grpc::ServerContext* /*context*/, const alerting::v1::UpdateRuleRequest* request,
                          alerting::v1::Rule* response) override {
    last_rule = request->rule();
    *response = request->rule();
    return grpc::Status::OK;
  }

  grpc::Status GetAlert(grpc::ServerContext* /*context*/, const alerting::v1::GetAlertRequest* request,
                        alerting::v1::Alert* response) override {
    last_view = request->view();
    return Answer(*request, *response);
  }
  // Two events, a page each.
  grpc::Status ListAlertEvents(grpc::ServerContext* /*context*/, const alerting::v1::ListAlertEventsRequest* request,
                               alerting::v1::ListAlertEventsResponse* response) override {
    *response->add_events() = orewatch::testing::ParseProto<alerting::v1::AlertEvent>(
        R"(kind: KIND_COMMENTED principal: "ann" text: "seen" time { seconds: 0 })");
    response->set_next_page_token(request->page_token().empty() ? "more" : "");
    return grpc::Status::OK;
  }
  grpc::Status AcknowledgeAlert(grpc::ServerContext* /*context*/, const alerting::v1::AcknowledgeAlertRequest* request,
                                alerting::v1::Alert* response) override {
    last_acknowledgement = *request;
    return Answer(*request, *response);
  }
  grpc::Status UnacknowledgeAlert(grpc::ServerContext* /*context*/,
                                  const alerting::v1::UnacknowledgeAlertRequest* request,
                                  alerting::v1::Alert* response) override {
    return Answer(*request, *response);
  }
  grpc::Status SnoozeAlert(grpc::ServerContext* /*context*/, const alerting::v1::SnoozeAlertRequest* request,
                           alerting::v1::Alert* response) override {
    last_snooze = *request;
    return Answer(*request, *response);
  }
  grpc::Status CommentAlert(grpc::ServerContext* /*context*/, const alerting::v1::CommentAlertRequest* request,
                            alerting::v1::Alert* response) override {
    last_text = request->comment();
    return Answer(*request, *response);
  }
  grpc::Status AssignAlert(grpc::ServerContext* /*context*/, const alerting::v1::AssignAlertRequest* request,
                           alerting::v1::Alert* response) override {
    last_text = request->assignee();
    return Answer(*request, *response);
  }
  grpc::Status ResolveAlert(grpc::ServerContext* /*context*/, const alerting::v1::ResolveAlertRequest* request,
                            alerting::v1::Alert* response) override {
    last_text = request->comment();
    return Answer(*request, *response);
  }

  grpc::Status TestRule(grpc::ServerContext* /*context*/, const alerting::v1::TestRuleRequest* request,
                        alerting::v1::TestRuleResponse* response) override {
    last_test = *request;
    *response = orewatch::testing::ParseProto<alerting::v1::TestRuleResponse>(
        R"(firing_count: 7 notified_count: 5 standing_count: 1 notification_count: 9 firing_duration { seconds: 7200 }
           firings { subject { subject: "minerals/tin" stage: STAGE_MINE method: METHOD_HHI } fire_time { seconds: 0 }
                     severity: SEVERITY_CRITICAL value: 8000 reason: "HELD" notified: true }
           score_count: 12 thing_count: 3 revision { number: 44 } start_time { seconds: 0 } end_time { seconds: 7776000 }
           history_begins { revision { number: 3 } commit_time { seconds: 86400 } })");
    return grpc::Status::OK;
  }
  // Two deliveries, a page each.
  grpc::Status ListDeliveries(grpc::ServerContext* /*context*/, const alerting::v1::ListDeliveriesRequest* request,
                              alerting::v1::ListDeliveriesResponse* response) override {
    last_deliveries = *request;
    *response->add_deliveries() = orewatch::testing::ParseProto<alerting::v1::Delivery>(
        R"(sequence: 8 target: "hook" alert: "alerts/high-1" state: STATE_DEAD attempts: 3 last_error: "410"
           create_time { seconds: 0 })");
    response->set_next_page_token(request->page_token().empty() ? "more" : "");
    return grpc::Status::OK;
  }
  grpc::Status ReplayDelivery(grpc::ServerContext* /*context*/, const alerting::v1::ReplayDeliveryRequest* request,
                              alerting::v1::Delivery* response) override {
    response->set_sequence(request->sequence());
    response->set_target(request->target());
    response->set_state(alerting::v1::Delivery::STATE_PENDING);
    return grpc::Status::OK;
  }

  // One alert, by the name that was asked for.
  template <typename Request>
  static grpc::Status Answer(const Request& request, alerting::v1::Alert& alert) {
    alert = orewatch::testing::ParseProto<alerting::v1::Alert>(
        R"(summary: "hhi is high" state: ALERT_STATE_FIRING severity: SEVERITY_CRITICAL fire_time { seconds: 0 }
           acknowledgement { principal: "ann" expire_time { seconds: 3600 } comment: "on it" }
           explanation { cause { revision { number: 7 } principal { subject: "bob" } names: "minerals/tin" }
                         missing: "score: UNAVAILABLE" })");
    alert.set_name(request.name());
    return grpc::Status::OK;
  }

  alerting::v1::TestRuleRequest last_test;
  alerting::v1::ListDeliveriesRequest last_deliveries;
  alerting::v1::AcknowledgeAlertRequest last_acknowledgement;
  alerting::v1::SnoozeAlertRequest last_snooze;
  alerting::v1::AlertView last_view = alerting::v1::ALERT_VIEW_UNSPECIFIED;
  std::string last_text;
  std::vector<std::string> alerts;
  std::string last_filter;
  int64_t watched_after = -1;
  alerting::v1::AlertState last_state = alerting::v1::ALERT_STATE_UNSPECIFIED;
  alerting::v1::Rule last_rule;
};

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
