#include "services/alerting/api/alerting_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/seal/page_token.h"
#include "common/status/status.h"
#include "services/alerting/api/alert_requests.h"
#include "services/alerting/api/alert_source.h"
#include "services/alerting/api/converters.h"
#include "services/alerting/api/delivery_requests.h"
#include "services/alerting/api/rehearsals.h"
#include "services/alerting/api/rule_requests.h"
#include "services/alerting/api/visibility_check.h"

namespace orewatch::alerting {
namespace {

using google::protobuf::Empty;
using rpc::CallContext;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
// The newest part of a timeline; ListAlertEvents has the whole.
constexpr int64_t kMaxTimeline = 100;
constexpr char kAllRules[] = "rules";
constexpr int kTimelineThreads = 2;
constexpr size_t kMaxQueuedTimelines = 200;
constexpr int kExplanationThreads = 2;
constexpr size_t kMaxQueuedExplanations = 50;
// One at a time: it may hold a million records.
constexpr int kRehearsalThreads = 1;
constexpr size_t kMaxQueuedRehearsals = 20;

size_t PageSize(int requested) {
  return static_cast<size_t>(requested <= 0 ? kDefaultPageSize : std::min(requested, kMaxPageSize));
}

}  // namespace

AlertingService::AlertingService(AlertEngine& engine, const AcknowledgementPolicy& policy)
    : engine_(engine),
      policy_(policy),
      service_(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("orewatch.alerting.v1.Alerting")),
      timelines_(kTimelineThreads, kMaxQueuedTimelines),
      explanations_(kExplanationThreads, kMaxQueuedExplanations),
      rehearsals_(kRehearsalThreads, kMaxQueuedRehearsals) {
  BindRules();
  BindAlerts();
  BindDeliveries();
  service_.OnDrain([this] { gate_.Close(); });
  OnApplied();
  subscription_ = engine_.applied().Subscribe([this] { OnApplied(); });
}

void AlertingService::ExplainWith(std::shared_ptr<AlertExplainer> explainer) {
  absl::MutexLock lock(&mutex_);
  explainer_ = std::move(explainer);
}

void AlertingService::CompareWith(std::shared_ptr<RegistryHead> head) {
  absl::MutexLock lock(&mutex_);
  head_ = std::move(head);
}

void AlertingService::RehearseWith(std::shared_ptr<PastSource> past) {
  absl::MutexLock lock(&mutex_);
  past_ = std::move(past);
}

std::shared_ptr<PastSource> AlertingService::past() const {
  absl::MutexLock lock(&mutex_);
  return past_;
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
  Await(context, min_revision, [respond = std::move(respond), answer = std::move(answer)](const absl::Status& status) {
    status.ok() ? answer(respond) : respond(status);
  });
}

void AlertingService::Await(const CallContext& context, int64_t revision,
                            std::function<void(const absl::Status&)> done) {
  std::shared_ptr<RegistryHead> head;
  {
    absl::MutexLock lock(&mutex_);
    head = head_;
  }
  if (head == nullptr) {
    return gate_.Await(context, revision, std::move(done));
  }
  gate_.AwaitExisting(
      context, revision, [head](const CallContext& call, auto answered) { head->Ask(call, std::move(answered)); },
      std::move(done));
}

void AlertingService::BindRules() {
  using rpc::Runs;
  service_.Unary<v1::GetRuleRequest, v1::Rule>(
      "GetRule", Runs::kInline,
      [this](const CallContext& context, const auto& request) { return GetRule(context, request); });
  service_.Unary<v1::ListRulesRequest, v1::ListRulesResponse>(
      "ListRules", Runs::kInline,
      [this](const CallContext& context, const auto& request) { return ListRules(context, request); });
  service_.Unary<v1::CreateRuleRequest, v1::Rule>(
      "CreateRule", Runs::kBlocking,
      [this](const CallContext& context, const auto& request) { return CreateRule(context, request); });
  service_.Unary<v1::UpdateRuleRequest, v1::Rule>(
      "UpdateRule", Runs::kBlocking,
      [this](const CallContext& context, const auto& request) { return UpdateRule(context, request); });
  service_.Unary<v1::DeleteRuleRequest, Empty>(
      "DeleteRule", Runs::kBlocking,
      [this](const CallContext& context, const auto& request) { return DeleteRule(context, request); });
  service_.UnaryAsync<v1::TestRuleRequest, v1::TestRuleResponse>(
      "TestRule", [this](const CallContext& context, const auto& request, auto respond) {
        AnswerOn<v1::TestRuleResponse>(rehearsals_, respond, [this, context, request] {
          return TestRule(request, context, engine_, past().get());
        });
      });
}

template <typename Response>
void AlertingService::AnswerOn(Executor& executor, const rpc::Respond<Response>& respond,
                               std::function<absl::StatusOr<Response>()> answer) {
  if (!executor.TrySubmit([respond, answer = std::move(answer)] { respond(answer()); })) {
    respond(OverloadError("TOO_MANY_CALLS", "too many callers wait for such an answer", absl::Seconds(1)));
  }
}

template <typename Request>
void AlertingService::BindAction(const std::string& method) {
  service_.Unary<Request, v1::Alert>(
      method, rpc::Runs::kBlocking,
      [this](const CallContext& context, const Request& request) { return Act(context, request); });
}

void AlertingService::BindAlerts() {
  service_.UnaryAsync<v1::GetAlertRequest, v1::Alert>(
      "GetAlert", [this](const CallContext& context, const auto& request, auto respond) {
        AtRevision<v1::Alert>(
            context, request.min_revision(), std::move(respond), [this, context, request](const auto& answer) {
              Executor& executor = request.view() == v1::ALERT_VIEW_FULL ? explanations_ : timelines_;
              AnswerOn<v1::Alert>(executor, answer, [this, context, request] { return GetAlert(context, request); });
            });
      });
  service_.UnaryAsync<v1::ListAlertsRequest, v1::ListAlertsResponse>(
      "ListAlerts", [this](const CallContext& context, const auto& request, auto respond) {
        AtRevision<v1::ListAlertsResponse>(
            context, request.min_revision(), std::move(respond), [this, context, request](const auto& answer) {
              const auto list = [this, context, request] { return ListAlerts(request, AskerOf(context), engine_); };
              if (IsSearch(request)) {
                AnswerOn<v1::ListAlertsResponse>(timelines_, answer, list);
              } else {
                answer(list());
              }
            });
      });
  service_.Unary<v1::ListAlertEventsRequest, v1::ListAlertEventsResponse>(
      "ListAlertEvents", rpc::Runs::kBlocking, [this](const CallContext& context, const auto& request) {
        return ListAlertEvents(request, AskerOf(context), engine_);
      });
  service_.ServerStream<v1::WatchAlertsRequest, v1::WatchAlertsResponse>(
      "WatchAlerts", [this](const CallContext& context, const auto& request, const rpc::Waker& waker) {
        return WatchAlerts(context, request, waker);
      });
  BindAction<v1::AcknowledgeAlertRequest>("AcknowledgeAlert");
  BindAction<v1::UnacknowledgeAlertRequest>("UnacknowledgeAlert");
  BindAction<v1::SnoozeAlertRequest>("SnoozeAlert");
  BindAction<v1::CommentAlertRequest>("CommentAlert");
  BindAction<v1::AssignAlertRequest>("AssignAlert");
  BindAction<v1::ResolveAlertRequest>("ResolveAlert");
}

void AlertingService::BindDeliveries() {
  service_.Unary<v1::ListDeliveriesRequest, v1::ListDeliveriesResponse>(
      "ListDeliveries", rpc::Runs::kBlocking, [this](const CallContext& context, const auto& request) {
        return ListDeliveries(request, AskerOf(context), engine_);
      });
  service_.Unary<v1::ReplayDeliveryRequest, v1::Delivery>("ReplayDelivery", rpc::Runs::kBlocking,
                                                          [this](const CallContext& context, const auto& request) {
                                                            return ReplayDelivery(request, AskerOf(context), engine_);
                                                          });
}

absl::StatusOr<v1::Rule> AlertingService::GetRule(const CallContext& context, const v1::GetRuleRequest& request) const {
  OREWATCH_ASSIGN_OR_RETURN(const Rule rule, FindVisibleRule("name", request.name(), context.principal(), engine_));
  return ToProto(rule);
}

absl::StatusOr<v1::ListRulesResponse> AlertingService::ListRules(const CallContext& context,
                                                                 const v1::ListRulesRequest& request) const {
  const std::string query = absl::StrCat(kAllRules, "\n", context.principal());
  const StoreIdentity& store = engine_.identity();
  const absl::Time now = engine_.clock().Now();
  PageToken page{.lineage = store.lineage, .revision = 0, .expires = now + kPageTokenLife, .position = ""};
  if (!request.page_token().empty()) {
    OREWATCH_ASSIGN_OR_RETURN(page, DecodePageToken(request.page_token(), query, store.secret, now));
  }
  const size_t page_size = PageSize(request.page_size());
  // One more, to know whether there is a next page.
  std::vector<Rule> rules = engine_.view().RulesAfter(page.position, page_size + 1, context.principal());
  v1::ListRulesResponse response;
  if (rules.size() > page_size) {
    rules.resize(page_size);
    page.position = rules.back().id;
    response.set_next_page_token(EncodePageToken(page, query, store.secret));
  }
  for (const Rule& rule : rules) {
    *response.add_rules() = ToProto(rule);
  }
  return response;
}

absl::StatusOr<v1::Rule> AlertingService::CreateRule(const CallContext& context, const v1::CreateRuleRequest& request) {
  OREWATCH_ASSIGN_OR_RETURN(Rule rule, RuleToCreate(request));
  OREWATCH_RETURN_IF_ERROR(CheckOwner(context.principal(), nullptr, rule.visibility));
  OREWATCH_ASSIGN_OR_RETURN(const Rule created, engine_.CreateRule(std::move(rule), KeyOf(context.principal(), request),
                                                                   request.validate_only(), context.principal()));
  return ToProto(created);
}

absl::StatusOr<v1::Rule> AlertingService::UpdateRule(const CallContext& context, const v1::UpdateRuleRequest& request) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string id, ParseRuleName("rule.name", request.rule().name()));
  OREWATCH_RETURN_IF_ERROR(CheckMask(request.update_mask()));
  const auto change = [&](const Rule* current) -> absl::StatusOr<Rule> {
    OREWATCH_ASSIGN_OR_RETURN(Rule merged, Merge(id, current, request));
    OREWATCH_RETURN_IF_ERROR(
        CheckOwner(context.principal(), current == nullptr ? nullptr : &current->visibility, merged.visibility));
    return merged;
  };
  OREWATCH_ASSIGN_OR_RETURN(const Rule updated, engine_.EditRule({.id = id,
                                                                  .etag = request.rule().etag(),
                                                                  .allow_missing = request.allow_missing(),
                                                                  .validate_only = request.validate_only(),
                                                                  .change = change,
                                                                  .principal = context.principal()},
                                                                 KeyOf(context.principal(), request)));
  return ToProto(updated);
}

absl::StatusOr<Empty> AlertingService::DeleteRule(const CallContext& context, const v1::DeleteRuleRequest& request) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string id, ParseRuleName("name", request.name()));
  OREWATCH_RETURN_IF_ERROR(engine_.DeleteRule({.id = id,
                                               .etag = request.etag(),
                                               .allow_missing = request.allow_missing(),
                                               .validate_only = request.validate_only(),
                                               .principal = context.principal()},
                                              KeyOf(context.principal(), request)));
  return Empty();
}

template <typename Request>
absl::StatusOr<v1::Alert> AlertingService::Act(const CallContext& context, const Request& request) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string id, ParseAlertName("name", request.name()));
  OREWATCH_ASSIGN_OR_RETURN(Action action, ActionOf(request, engine_.clock().Now()));
  action.principal = context.principal();
  action.policy = policy_;
  OREWATCH_ASSIGN_OR_RETURN(
      const Alert alert,
      engine_.ActOnAlert(
          {.id = id, .etag = request.etag(), .validate_only = request.validate_only(), .action = std::move(action)},
          KeyOf(context.principal(), request)));
  return ToProto({.alert = alert, .rule = engine_.view().FindRule(alert.key.rule)}, engine_.view().position());
}

absl::StatusOr<v1::Alert> AlertingService::GetAlert(const CallContext& context,
                                                    const v1::GetAlertRequest& request) const {
  Position position;
  OREWATCH_ASSIGN_OR_RETURN(const RuledAlert alert,
                            FindVisible(request.name(), context.principal(), engine_, position));
  // What was stored since belongs to a newer state than the one that is answered.
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<TimelineEntry> timeline,
                            engine_.store().Timeline(alert.alert.key, alert.alert.sequence + 1, kMaxTimeline));
  v1::Alert response = ToProto(alert, position);
  for (const TimelineEntry& entry : timeline) {
    *response.add_events() = ToProto(entry);
  }
  if (request.view() == v1::ALERT_VIEW_FULL) {
    Explain(context, response);
  }
  return response;
}

void AlertingService::Explain(const CallContext& context, v1::Alert& alert) const {
  std::shared_ptr<AlertExplainer> explainer;
  {
    absl::MutexLock lock(&mutex_);
    explainer = explainer_;
  }
  AlertQuestion question{
      .subject = alert.subject(), .cause = {}, .caller = context.caller(), .deadline = context.deadline()};
  for (const v1::AlertEvent& event : alert.events()) {
    // What somebody did by hand no revision caused.
    if (event.kind() == v1::AlertEvent::KIND_STATE_CHANGED && event.principal().empty()) {
      question.cause = event.revision();
    }
  }
  if (explainer != nullptr) {
    *alert.mutable_explanation() = explainer->Explain(question);
    return;
  }
  alert.mutable_explanation()->add_missing("score: UNAVAILABLE");
  alert.mutable_explanation()->add_missing("cause: UNAVAILABLE");
}

absl::StatusOr<AlertingService::Source> AlertingService::WatchAlerts(const CallContext& context,
                                                                     const v1::WatchAlertsRequest& request,
                                                                     const rpc::Waker& waker) {
  if (request.after_sequence() < 0) {
    return InvalidField("after_sequence", "must not be negative");
  }
  if (!request.lineage().empty() && request.lineage() != engine_.identity().lineage) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED",
                     "the sequence number is of another history: the store has been restored; list again",
                     {{"lineage", engine_.identity().lineage}});
  }
  const int64_t newest = engine_.view().position().sequence;
  if (request.after_sequence() > newest) {
    // Another replica may have told of what this one has not heard of yet.
    OREWATCH_ASSIGN_OR_RETURN(const auto stored, engine_.store().TransitionsAfter(request.after_sequence() - 1, 1));
    if (!stored.empty()) {
      return Source(std::make_unique<AlertSource>(engine_, context.principal(), request.after_sequence(), waker));
    }
    return MakeError(absl::StatusCode::kOutOfRange, "SEQUENCE_AHEAD",
                     absl::StrCat("the newest sequence number is ", newest), {{"sequence", absl::StrCat(newest)}});
  }
  return Source(std::make_unique<AlertSource>(engine_, context.principal(), request.after_sequence(), waker));
}

}  // namespace orewatch::alerting
