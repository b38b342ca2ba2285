#include "services/gateway/api/gateway_service.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "common/rpc/wanted.h"
#include "common/status/status.h"
#include "services/gateway/aggregate/section.h"
#include "services/gateway/token/tokens.h"

namespace orewatch::gateway {
namespace {

using google::protobuf::Message;

// Every section of every answer.
constexpr const char* kSections[] = {"registry",   "risk",       "alerting",   "country",  "scores",
                                     "production", "measures",   "projects",   "alerts",   "changes",
                                     "profile",    "facilities", "score",      "exposure", "project",
                                     "outlook",    "links",      "agreements", "rules"};

std::map<std::string, metrics::Labelled<prometheus::Counter>> PartialOf(prometheus::Registry& registry) {
  auto& family = metrics::AddCounters(registry, "orewatch_gateway_partial_responses_total",
                                      "Answers without a section or with a part of it, by section and cause.");
  std::map<std::string, metrics::Labelled<prometheus::Counter>> partial;
  for (const char* section : kSections) {
    partial.emplace(section,
                    metrics::Labelled<prometheus::Counter>(
                        family, "cause", {"deadline", "denied", "incomplete", "stale", "timeout", "unavailable"},
                        {{"section", section}}));
  }
  return partial;
}

// `impatient`: the caller gave less time than is promised.
const char* CauseOf(const v1::SectionStatus& section, bool impatient) {
  switch (section.state()) {
    case v1::SectionStatus::STATE_DENIED:
      return "denied";
    case v1::SectionStatus::STATE_INCOMPLETE:
      return "incomplete";
    case v1::SectionStatus::STATE_STALE:
      return "stale";
    default:
      if (section.code() != static_cast<int>(absl::StatusCode::kDeadlineExceeded)) {
        return "unavailable";
      }
      return impatient ? "deadline" : "timeout";
  }
}

}  // namespace

GatewayService::GatewayService(const GatewayDefaults& defaults, const Dependencies& dependencies)
    : defaults_(defaults),
      dependencies_(dependencies),
      answered_(prometheus::BuildCounter()
                    .Name("orewatch_gateway_aggregated_responses_total")
                    .Help("Answers put together, or told again.")
                    .Register(dependencies.metrics)
                    .Add({})),
      partial_(PartialOf(dependencies.metrics)),
      stale_(metrics::AddCounters(dependencies.metrics, "orewatch_gateway_stale_sections_total",
                                  "Sections that were told again because the service could not be asked."),
             "section", {std::begin(kSections), std::end(kSections)}),
      service_(v1::GetOverviewRequest::descriptor()->file()->FindServiceByName("Gateway")) {
  BindBriefs();
  BindSearch();
  BindFeed();
  BindCaller();
}

template <typename Request, typename Response>
void GatewayService::BindAnswer(const std::string& method, Ask<Request, Response> ask) {
  service_.UnaryAsync<Request, Response>(
      method, [this, method, ask = std::move(ask)](const rpc::CallContext& context, const Request& request,
                                                   rpc::Respond<Response> respond) {
        if (absl::Status status = Check(request); !status.ok()) {
          return respond(std::move(status));
        }
        const absl::Time asked = dependencies_.clock.Now();
        const bool impatient = IsImpatient(context);
        const Stamps stamps = dependencies_.positions.StampsAt(asked);
        ask(request, TermsOf(context, request.min_revision()),
            [this, stamps, asked, impatient, policy = request.sections(),
             key = AnswerMemory::KeyOf(method, context.caller(), request),
             respond = std::move(respond)](absl::StatusOr<Response> answer, bool current) {
              if (answer.ok()) {
                Count(*answer, impatient);
                if (absl::Status status = CheckRequired(policy, *answer); !status.ok()) {
                  answer = std::move(status);
                } else if (current) {
                  dependencies_.answers.Put(key, stamps, asked, answer->SerializeAsString());
                }
              }
              respond(std::move(answer));
            });
      });
  service_.AtOnce(method,
                  [this, method](const rpc::CallContext& context,
                                 const Message& request) -> std::optional<absl::StatusOr<std::string>> {
                    const absl::Time now = dependencies_.clock.Now();
                    auto known = dependencies_.answers.Find(AnswerMemory::KeyOf(method, context.caller(), request),
                                                            dependencies_.positions.StampsAt(now), now);
                    if (!known.has_value()) {
                      return std::nullopt;
                    }
                    answered_.Increment();
                    return *std::move(known);
                  });
}

void GatewayService::BindBriefs() {
  Neighbours& neighbours = dependencies_.neighbours;
  BindAnswer<v1::GetOverviewRequest, v1::Overview>(
      "GetOverview", [this, &neighbours](const auto& request, const Terms& terms, auto whole) {
        AskForOverview(request, defaults_.overview, terms, neighbours, std::move(whole));
      });
  BindAnswer<v1::GetMineralBriefRequest, v1::MineralBrief>(
      "GetMineralBrief", [&neighbours](const auto& request, const Terms& terms, auto whole) {
        AskForMineral(request, terms, neighbours, std::move(whole));
      });
  BindAnswer<v1::GetCountryBriefRequest, v1::CountryBrief>(
      "GetCountryBrief", [&neighbours](const auto& request, const Terms& terms, auto whole) {
        AskForCountry(request, terms, neighbours, std::move(whole));
      });
  BindAnswer<v1::GetSupplierBriefRequest, v1::SupplierBrief>(
      "GetSupplierBrief", [&neighbours](const auto& request, const Terms& terms, auto whole) {
        AskForSupplier(request, terms, neighbours, std::move(whole));
      });
  BindAnswer<v1::GetProjectBriefRequest, v1::ProjectBrief>(
      "GetProjectBrief", [&neighbours](const auto& request, const Terms& terms, auto whole) {
        AskForProject(request, terms, neighbours, std::move(whole));
      });
}

void GatewayService::BindSearch() {
  service_.UnaryAsync<v1::SearchRequest, v1::SearchResponse>(
      "Search", [this](const rpc::CallContext& context, const v1::SearchRequest& request,
                       rpc::Respond<v1::SearchResponse> respond) {
        if (absl::Status status = Check(request); !status.ok()) {
          return respond(std::move(status));
        }
        const auto position = SearchPositionOf(request.page_token(), DigestOf(request, context.principal()));
        if (!position.ok()) {
          return respond(position.status());
        }
        AskForMatches(request, *position, TermsOf(context, request.min_revision()), dependencies_.neighbours,
                      [this, impatient = IsImpatient(context), policy = request.sections(),
                       respond = std::move(respond)](absl::StatusOr<SearchPage> page, bool /*current*/) {
                        if (!page.ok()) {
                          return respond(std::move(page).status());
                        }
                        Count(page->response, impatient);
                        if (absl::Status status = CheckRequired(policy, page->response); !status.ok()) {
                          return respond(std::move(status));
                        }
                        if (page->more) {
                          page->response.set_next_page_token(TokenOf(page->next));
                        }
                        respond(std::move(page->response));
                      });
      });
}

void GatewayService::BindFeed() {
  service_.ServerStream<v1::WatchFeedRequest, v1::WatchFeedResponse>(
      "WatchFeed",
      [this](const rpc::CallContext& context, const v1::WatchFeedRequest& request,
             const rpc::Waker& waker) -> absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::WatchFeedResponse>>> {
        OREWATCH_RETURN_IF_ERROR(Check(request));
        OREWATCH_ASSIGN_OR_RETURN(v1::FeedPosition position, FeedPositionOf(request.token()));
        return dependencies_.feed.Open(context.caller(), {request.kinds().begin(), request.kinds().end()},
                                       std::move(position), waker);
      });
}

void GatewayService::BindCaller() {
  service_.Unary<v1::GetCallerRequest, v1::CallerInfo>(
      "GetCaller", rpc::Runs::kInline,
      [](const rpc::CallContext& context, const v1::GetCallerRequest&) -> absl::StatusOr<v1::CallerInfo> {
        v1::CallerInfo info;
        info.set_principal(context.caller().principal);
        info.set_role(context.caller().role);
        info.set_credential(context.caller().credential);
        info.set_through(context.caller().through);
        return info;
      });
}

Terms GatewayService::TermsOf(const rpc::CallContext& context, int64_t min_revision) const {
  const absl::Time now = dependencies_.clock.Now();
  const bool unlimited = context.deadline() == absl::InfiniteFuture();
  const absl::Time wanted = unlimited ? now + defaults_.timeout : context.deadline();
  Terms terms = {context.caller(), std::min(wanted, now + defaults_.longest), min_revision};
  context.OnCancel([cancellation = terms.cancellation] { cancellation.Cancel(); });
  return terms;
}

bool GatewayService::IsImpatient(const rpc::CallContext& context) const {
  return context.deadline() < dependencies_.clock.Now() + rpc::kFairTime;
}

void GatewayService::Count(const Message& answer, bool impatient) {
  answered_.Increment();
  for (const auto& [name, section] : SectionsOf(answer)) {
    if (section->state() != v1::SectionStatus::STATE_FRESH) {
      const absl::string_view cause = CauseOf(*section, impatient);
      if (const auto partial = partial_.find(name); partial != partial_.end()) {
        partial->second.Of(cause).Increment();
      }
      if (cause == "stale") {
        stale_.Of(name).Increment();
      }
    }
  }
}

}  // namespace orewatch::gateway
