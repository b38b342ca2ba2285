#include "services/gateway/client/neighbours.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/trace/trace.h"

namespace orewatch::gateway {
namespace {

using google::protobuf::Message;

// Registry::ListMinerals and the like: which service of which package.
constexpr char kRegistry[] = "/orewatch.registry.v1.Registry/";
constexpr char kRisk[] = "/orewatch.risk.v1.Risk/";
constexpr char kAlerting[] = "/orewatch.alerting.v1.Alerting/";

// What an answer of this type says of its revision.
template <typename Response>
Marks MarksOf(const Message& message) {
  const auto& answer = static_cast<const Response&>(message);
  if constexpr (requires { answer.sequence(); }) {
    return {answer.revision().number(), answer.sequence()};
  } else if constexpr (requires { answer.revision(); }) {
    return {answer.revision().number(), answer.revision().number()};
  } else if constexpr (requires { answer.score(); }) {
    return {answer.score().revision().number(), answer.score().revision().number()};
  } else {
    return {};
  }
}

template <typename Response, typename Request>
QuestionPtr QuestionOf(const std::string& method, Request request, const Terms& terms) {
  auto question = std::make_shared<Question>();
  question->method = method;
  question->encoded = request.SerializeAsString();
  if constexpr (requires { request.set_min_revision(0); }) {
    request.set_min_revision(terms.min_revision);
    question->min_revision = terms.min_revision;
  }
  question->request = std::make_shared<Request>(std::move(request));
  question->prototype = &Response::default_instance();
  question->marks_of = MarksOf<Response>;
  question->caller = terms.caller;
  question->deadline = terms.deadline;
  question->cancellation = terms.cancellation;
  question->share_of_time = terms.share_of_time;
  return question;
}

template <typename Response>
Part<Response> PartOf(const absl::StatusOr<Reply>& reply) {
  if (!reply.ok()) {
    return reply.status();
  }
  Part<Response> part(static_cast<const Response&>(*reply->message));
  part.stale_because = reply->stale_because;
  part.as_of = reply->as_of;
  part.current = reply->current;
  return part;
}

template <typename Response, typename Request>
void AskOnce(Backend& backend, const std::string& method, Request request, const Terms& terms, Done<Response> done) {
  backend.Ask(QuestionOf<Response>(method, std::move(request), terms),
              [trace = terms.caller.trace, done = std::move(done)](const absl::StatusOr<Reply>& reply) {
                // It comes on a thread of the transport or of a timer, or with the answer to another caller.
                const TraceScope scope(trace);
                done(PartOf<Response>(reply));
              });
}

// The first field of a list's answer is what it lists.
int RowsOf(const Message& list) {
  return list.GetReflection()->FieldSize(list, list.GetDescriptor()->FindFieldByNumber(1));
}

// Adds a page to those before it. The whole is as old as its oldest page.
template <typename Response>
void AddPage(Part<Response> page, Part<Response>& collected) {
  if (!collected.ok()) {
    collected = std::move(page);
    return;
  }
  // Each page says what all show.
  const std::string next = page->next_page_token();
  collected->MergeFrom(*page);
  collected->set_next_page_token(next);
  if (!page.stale_because.ok()) {
    collected.stale_because = page.stale_because;
  }
  collected.as_of = std::min(collected.as_of, page.as_of);
  collected.current = collected.current && page.current;
}

// Fetches page after page into one answer.
template <typename Response, typename Request>
void AskPages(Backend& backend, const std::string& method, Request request, const RowLimit& limit, const Terms& terms,
              Done<Response> done, Part<Response> collected = {}) {
  constexpr int kMostOfAPage = 1000;
  request.set_page_size(std::min(limit.rows, kMostOfAPage));
  Done<Response> next = [&backend, method, request, limit, terms, done = std::move(done),
                         collected = std::move(collected)](Part<Response> page) mutable {
    if (!page.ok()) {
      return done(std::move(page));
    }
    AddPage(std::move(page), collected);
    const bool more = !collected->next_page_token().empty();
    if (!more || limit.pages == 1 || RowsOf(*collected) >= limit.rows) {
      return done(std::move(collected));
    }
    request.set_page_token(collected->next_page_token());
    AskPages<Response>(backend, method, std::move(request), {limit.rows, limit.pages - 1}, terms, std::move(done),
                       std::move(collected));
  };
  AskOnce<Response>(backend, method, request, terms, std::move(next));
}

template <typename Request>
Request Filtered(const std::string& filter) {
  Request request;
  request.set_filter(filter);
  return request;
}

}  // namespace

void Neighbours::GetResource(const std::string& name, const Terms& terms, Done<registry::v1::BatchGetResponse> done) {
  registry::v1::BatchGetRequest request;
  request.add_names(name);
  AskOnce(backends_.registry, absl::StrCat(kRegistry, "BatchGet"), std::move(request), terms, std::move(done));
}

void Neighbours::ListMinerals(const Terms& terms, Done<registry::v1::ListMineralsResponse> done) {
  AskPages(backends_.registry, absl::StrCat(kRegistry, "ListMinerals"), registry::v1::ListMineralsRequest(), kWholeList,
           terms, std::move(done));
}

void Neighbours::ListMeasures(const std::string& filter, const Terms& terms,
                              Done<registry::v1::ListMeasuresResponse> done) {
  AskPages(backends_.registry, absl::StrCat(kRegistry, "ListMeasures"),
           Filtered<registry::v1::ListMeasuresRequest>(filter), kBriefList, terms, std::move(done));
}

void Neighbours::ListAgreements(const std::string& filter, const Terms& terms,
                                Done<registry::v1::ListAgreementsResponse> done) {
  AskPages(backends_.registry, absl::StrCat(kRegistry, "ListAgreements"),
           Filtered<registry::v1::ListAgreementsRequest>(filter), kBriefList, terms, std::move(done));
}

void Neighbours::ListProjects(const std::string& filter, const Terms& terms,
                              Done<registry::v1::ListProjectsResponse> done) {
  AskPages(backends_.registry, absl::StrCat(kRegistry, "ListProjects"),
           Filtered<registry::v1::ListProjectsRequest>(filter), kBriefList, terms, std::move(done));
}

void Neighbours::ListLinks(const std::string& filter, const Terms& terms, Done<registry::v1::ListLinksResponse> done) {
  AskPages(backends_.registry, absl::StrCat(kRegistry, "ListLinks"), Filtered<registry::v1::ListLinksRequest>(filter),
           kBriefList, terms, std::move(done));
}

void Neighbours::ListFacilities(const std::string& parent, const std::string& filter, const Terms& terms,
                                Done<registry::v1::ListFacilitiesResponse> done) {
  auto request = Filtered<registry::v1::ListFacilitiesRequest>(filter);
  request.set_parent(parent);
  AskPages(backends_.registry, absl::StrCat(kRegistry, "ListFacilities"), std::move(request), kBriefList, terms,
           std::move(done));
}

void Neighbours::ListChanges(const std::string& name, const Terms& terms,
                             Done<registry::v1::ListChangesResponse> done) {
  registry::v1::ListChangesRequest request;
  request.set_name(name);
  AskPages(backends_.registry, absl::StrCat(kRegistry, "ListChanges"), std::move(request), kHeadOfList, terms,
           std::move(done));
}

void Neighbours::Search(registry::v1::SearchRequest request, const Terms& terms,
                        Done<registry::v1::SearchResponse> done) {
  AskOnce(backends_.registry, absl::StrCat(kRegistry, "Search"), std::move(request), terms, std::move(done));
}

void Neighbours::ListScores(risk::v1::ListScoresRequest request, const Terms& terms,
                            Done<risk::v1::ListScoresResponse> done) {
  AskPages(backends_.risk, absl::StrCat(kRisk, "ListScores"), std::move(request), kWholeList, terms, std::move(done));
}

void Neighbours::ExplainScore(const risk::v1::ScoreKey& key, const Terms& terms,
                              Done<risk::v1::ScoreExplanation> done) {
  risk::v1::ExplainScoreRequest request;
  *request.mutable_key() = key;
  AskOnce(backends_.risk, absl::StrCat(kRisk, "ExplainScore"), std::move(request), terms, std::move(done));
}

void Neighbours::ListExposures(const std::string& subject, const Terms& terms,
                               Done<risk::v1::ListExposuresResponse> done) {
  risk::v1::ListExposuresRequest request;
  request.set_subject(subject);
  AskPages(backends_.risk, absl::StrCat(kRisk, "ListExposures"), std::move(request), kExposureList, terms,
           std::move(done));
}

void Neighbours::GetProjectOutlook(const std::string& name, const Terms& terms, Done<risk::v1::ProjectOutlook> done) {
  risk::v1::GetProjectOutlookRequest request;
  request.set_name(name);
  AskOnce(backends_.risk, absl::StrCat(kRisk, "GetProjectOutlook"), std::move(request), terms, std::move(done));
}

void Neighbours::ListAlerts(alerting::v1::ListAlertsRequest request, const RowLimit& limit, const Terms& terms,
                            Done<alerting::v1::ListAlertsResponse> done) {
  AskPages(backends_.alerting, absl::StrCat(kAlerting, "ListAlerts"), std::move(request), limit, terms,
           std::move(done));
}

void Neighbours::ListRules(const RowLimit& limit, const Terms& terms, Done<alerting::v1::ListRulesResponse> done) {
  AskPages(backends_.alerting, absl::StrCat(kAlerting, "ListRules"), alerting::v1::ListRulesRequest(), limit, terms,
           std::move(done));
}

}  // namespace orewatch::gateway
