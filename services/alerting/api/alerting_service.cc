#include "services/alerting/api/alerting_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "services/alerting/api/alert_source.h"
#include "services/alerting/api/converters.h"
#include "services/alerting/api/delivery_requests.h"
#include "services/alerting/api/page_token.h"
#include "services/alerting/api/rule_requests.h"

namespace orewatch::alerting {
namespace {

using google::protobuf::Empty;
using rpc::CallContext;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
// The newest part of a timeline; WatchAlerts has the whole.
constexpr int64_t kMaxTimeline = 1000;
constexpr char kAllRules[] = "rules";
constexpr int kTimelineThreads = 2;
constexpr size_t kMaxQueuedTimelines = 200;

size_t PageSize(int requested) {
  return static_cast<size_t>(requested <= 0 ? kDefaultPageSize : std::min(requested, kMaxPageSize));
}

absl::Status NotFound(absl::string_view reason, const std::string& name) {
  return MakeError(absl::StatusCode::kNotFound, reason, absl::StrCat("there is no ", name), {{"name", name}});
}

std::string QueryOf(const v1::ListAlertsRequest& request) {
  v1::ListAlertsRequest query;
  query.set_state(request.state());
  query.set_rule(request.rule());
  query.set_subject(request.subject());
  return query.SerializeAsString();
}

std::string Write(const AlertRank& rank) { return absl::StrCat(rank.urgency, ".", rank.severity, ".", rank.sequence); }

absl::StatusOr<AlertRank> ReadRank(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  AlertRank rank;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &rank.urgency) || !absl::SimpleAtoi(parts[1], &rank.severity) ||
      !absl::SimpleAtoi(parts[2], &rank.sequence)) {
    return InvalidField("page_token", "is not a token of this query");
  }
  return rank;
}

absl::StatusOr<AlertQuery> Parse(const v1::ListAlertsRequest& request) {
  AlertQuery query{.rule = "", .subject = request.subject(), .limit = PageSize(request.page_size())};
  if (request.state() != v1::ALERT_STATE_UNSPECIFIED) {
    query.state = static_cast<AlertState>(request.state());
  }
  if (!request.rule().empty()) {
    OREWATCH_ASSIGN_OR_RETURN(query.rule, ParseRuleName("rule", request.rule()));
  }
  if (!request.page_token().empty()) {
    OREWATCH_ASSIGN_OR_RETURN(const std::string position, ReadPageToken(QueryOf(request), request.page_token()));
    OREWATCH_ASSIGN_OR_RETURN(query.after, ReadRank(position));
  }
  return query;
}

}  // namespace

AlertingService::AlertingService(AlertEngine& engine)
    : engine_(engine),
      service_(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("orewatch.alerting.v1.Alerting")),
      timelines_(kTimelineThreads, kMaxQueuedTimelines) {
  BindRules();
  BindAlerts();
  BindDeliveries();
  service_.OnDrain([this] { gate_.Close(); });
  OnApplied();
  subscription_ = engine_.applied().Subscribe([this] { OnApplied(); });
}

void AlertingService::OnApplied() {
  const Revision applied = engine_.view().position().applied;
  // Revisions of another history are other revisions, and may be fewer.
  if (applied.lineage != lineage_) {
    lineage_ = applied.lineage;
    gate_.Reset(applied.number);
  }
  gate_.Advance(applied.number);
}

template <typename Response>
void AlertingService::AtRevision(const CallContext& context, int64_t min_revision, rpc::Respond<Response> respond,
                                 std::function<void(rpc::Respond<Response>)> answer) {
  gate_.Await(context, min_revision,
              [respond = std::move(respond), answer = std::move(answer)](const absl::Status& status) {
                status.ok() ? answer(respond) : respond(status);
              });
}

void AlertingService::BindRules() {
  using rpc::Runs;
  service_.Unary<v1::GetRuleRequest, v1::Rule>(
      "GetRule", Runs::kInline, [this](const CallContext&, const auto& request) { return GetRule(request); });
  service_.Unary<v1::ListRulesRequest, v1::ListRulesResponse>(
      "ListRules", Runs::kInline, [this](const CallContext&, const auto& request) { return ListRules(request); });
  service_.Unary<v1::CreateRuleRequest, v1::Rule>(
      "CreateRule", Runs::kBlocking,
      [this](const CallContext& context, const auto& request) { return CreateRule(context, request); });
  service_.Unary<v1::UpdateRuleRequest, v1::Rule>(
      "UpdateRule", Runs::kBlocking,
      [this](const CallContext& context, const auto& request) { return UpdateRule(context, request); });
  service_.Unary<v1::DeleteRuleRequest, Empty>(
      "DeleteRule", Runs::kBlocking,
      [this](const CallContext& context, const auto& request) { return DeleteRule(context, request); });
}

void AlertingService::BindAlerts() {
  service_.UnaryAsync<v1::GetAlertRequest, v1::Alert>(
      "GetAlert", [this](const CallContext& context, const auto& request, auto respond) {
        AtRevision<v1::Alert>(context, request.min_revision(), std::move(respond),
                              [this, request](auto answer) { ReadAlert(request, std::move(answer)); });
      });
  service_.UnaryAsync<v1::ListAlertsRequest, v1::ListAlertsResponse>(
      "ListAlerts", [this](const CallContext& context, const auto& request, auto respond) {
        AtRevision<v1::ListAlertsResponse>(context, request.min_revision(), std::move(respond),
                                           [this, request](const auto& answer) { answer(ListAlerts(request)); });
      });
  service_.ServerStream<v1::WatchAlertsRequest, v1::WatchAlertsResponse>(
      "WatchAlerts",
      [this](const CallContext&, const auto& request, const rpc::Waker& waker) { return WatchAlerts(request, waker); });
}

void AlertingService::BindDeliveries() {
  DeliveryStore& store = engine_.store().deliveries();
  service_.Unary<v1::ListDeliveriesRequest, v1::ListDeliveriesResponse>(
      "ListDeliveries", rpc::Runs::kBlocking,
      [&store](const CallContext&, const auto& request) { return ListDeliveries(request, store); });
  service_.Unary<v1::ReplayDeliveryRequest, v1::Delivery>("ReplayDelivery", rpc::Runs::kBlocking,
                                                          [this, &store](const CallContext&, const auto& request) {
                                                            return ReplayDelivery(request, engine_.clock(), store);
                                                          });
}

absl::StatusOr<v1::Rule> AlertingService::GetRule(const v1::GetRuleRequest& request) const {
  OREWATCH_ASSIGN_OR_RETURN(const std::string id, ParseRuleName("name", request.name()));
  const std::optional<Rule> rule = engine_.view().FindRule(id);
  if (!rule.has_value()) {
    return NotFound("RULE_NOT_FOUND", request.name());
  }
  return ToProto(*rule);
}

absl::StatusOr<v1::ListRulesResponse> AlertingService::ListRules(const v1::ListRulesRequest& request) const {
  std::string after;
  if (!request.page_token().empty()) {
    OREWATCH_ASSIGN_OR_RETURN(after, ReadPageToken(kAllRules, request.page_token()));
  }
  const size_t page_size = PageSize(request.page_size());
  // One more, to know whether there is a next page.
  std::vector<Rule> rules = engine_.view().RulesAfter(after, page_size + 1);
  v1::ListRulesResponse response;
  if (rules.size() > page_size) {
    rules.resize(page_size);
    response.set_next_page_token(MakePageToken(kAllRules, rules.back().id));
  }
  for (const Rule& rule : rules) {
    *response.add_rules() = ToProto(rule);
  }
  return response;
}

absl::StatusOr<v1::Rule> AlertingService::CreateRule(const CallContext& context, const v1::CreateRuleRequest& request) {
  OREWATCH_ASSIGN_OR_RETURN(Rule rule, RuleToCreate(request));
  OREWATCH_ASSIGN_OR_RETURN(const Rule created, engine_.CreateRule(std::move(rule), KeyOf(context.principal(), request),
                                                                   request.validate_only()));
  return ToProto(created);
}

absl::StatusOr<v1::Rule> AlertingService::UpdateRule(const CallContext& context, const v1::UpdateRuleRequest& request) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string id, ParseRuleName("rule.name", request.rule().name()));
  OREWATCH_RETURN_IF_ERROR(CheckMask(request.update_mask()));
  OREWATCH_ASSIGN_OR_RETURN(
      const Rule updated, engine_.EditRule({.id = id,
                                            .etag = request.rule().etag(),
                                            .allow_missing = request.allow_missing(),
                                            .validate_only = request.validate_only(),
                                            .change = [&](const Rule* current) { return Merge(id, current, request); }},
                                           KeyOf(context.principal(), request)));
  return ToProto(updated);
}

absl::StatusOr<Empty> AlertingService::DeleteRule(const CallContext& context, const v1::DeleteRuleRequest& request) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string id, ParseRuleName("name", request.name()));
  OREWATCH_RETURN_IF_ERROR(engine_.DeleteRule({.id = id,
                                               .etag = request.etag(),
                                               .allow_missing = request.allow_missing(),
                                               .validate_only = request.validate_only()},
                                              KeyOf(context.principal(), request)));
  return Empty();
}

void AlertingService::ReadAlert(const v1::GetAlertRequest& request, const rpc::Respond<v1::Alert>& respond) {
  if (!timelines_.TrySubmit([this, request, respond] { respond(GetAlert(request)); })) {
    respond(OverloadError("TOO_MANY_CALLS", "too many callers wait for a timeline", absl::Seconds(1)));
  }
}

absl::StatusOr<v1::Alert> AlertingService::GetAlert(const v1::GetAlertRequest& request) const {
  OREWATCH_ASSIGN_OR_RETURN(const std::string id, ParseAlertName("name", request.name()));
  Position position;
  const std::optional<RuledAlert> alert = engine_.view().FindAlert(id, position);
  if (!alert.has_value()) {
    return NotFound("ALERT_NOT_FOUND", request.name());
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<Transition> timeline,
                            engine_.store().Timeline(alert->alert.key, kMaxTimeline));
  v1::Alert response = ToProto(*alert, position);
  for (const Transition& transition : timeline) {
    // What was stored since belongs to a newer state than the one that is answered.
    if (transition.after.sequence <= alert->alert.sequence) {
      *response.add_transitions() = ToProto(transition);
    }
  }
  return response;
}

absl::StatusOr<v1::ListAlertsResponse> AlertingService::ListAlerts(const v1::ListAlertsRequest& request) const {
  OREWATCH_ASSIGN_OR_RETURN(const AlertQuery query, Parse(request));
  Position position;
  const AlertPage page = engine_.view().ListAlerts(query, position);
  v1::ListAlertsResponse response;
  for (const RuledAlert& alert : page.alerts) {
    *response.add_alerts() = ToProto(alert, position);
  }
  if (page.more) {
    response.set_next_page_token(MakePageToken(QueryOf(request), Write(RankOf(page.alerts.back().alert))));
  }
  response.set_sequence(position.sequence);
  ToProto(position.applied, *response.mutable_revision());
  return response;
}

absl::StatusOr<AlertingService::Source> AlertingService::WatchAlerts(const v1::WatchAlertsRequest& request,
                                                                     rpc::Waker waker) {
  if (request.after_sequence() < 0) {
    return InvalidField("after_sequence", "must not be negative");
  }
  const int64_t newest = engine_.view().position().sequence;
  if (request.after_sequence() > newest) {
    return MakeError(absl::StatusCode::kOutOfRange, "SEQUENCE_AHEAD",
                     absl::StrCat("the newest sequence number is ", newest), {{"sequence", absl::StrCat(newest)}});
  }
  return Source(std::make_unique<AlertSource>(engine_, request.after_sequence(), std::move(waker)));
}

}  // namespace orewatch::alerting
