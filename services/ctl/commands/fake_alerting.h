// Alerting that answers from memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/testing/matchers.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"

namespace orewatch::ctl {

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

}  // namespace orewatch::ctl
