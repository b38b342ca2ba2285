#include "services/gateway/api/fan_out.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/gateway/aggregate/briefs.h"
#include "services/gateway/aggregate/mineral_brief.h"
#include "services/gateway/aggregate/overview.h"
#include "services/gateway/aggregate/section.h"
#include "services/gateway/api/gathering.h"

namespace orewatch::gateway {
namespace {

using alerting::v1::ListAlertsRequest;
using alerting::v1::ListAlertsResponse;
using registry::v1::BatchGetResponse;
using registry::v1::ListAgreementsResponse;
using registry::v1::ListChangesResponse;
using registry::v1::ListFacilitiesResponse;
using registry::v1::ListLinksResponse;
using registry::v1::ListMeasuresResponse;
using registry::v1::ListMineralsResponse;
using registry::v1::ListProjectsResponse;
using risk::v1::ListScoresRequest;
using risk::v1::ListScoresResponse;

// Names of resources have no quotes in them.
std::string Equals(absl::string_view field, absl::string_view name) { return absl::StrCat(field, " = \"", name, "\""); }

ListScoresRequest ScoresBy(risk::v1::Method method) {
  ListScoresRequest request;
  request.mutable_filter()->set_method(method);
  return request;
}

ListAlertsRequest AlertsOf(const std::string& subject) {
  ListAlertsRequest request;
  request.set_subject(subject);
  return request;
}

// Pending or firing, of the subject and, for a supplier, of what it contains.
ListAlertsRequest OpenAlertsOf(const std::string& subject, bool with_contained) {
  ListAlertsRequest request;
  std::string filter = "(state = PENDING OR state = FIRING)";
  if (with_contained) {
    absl::StrAppend(&filter, " AND (", Equals("subject.subject", subject), " OR ",
                    Equals("subject.subject", absl::StrCat(subject, "/*")), ")");
  } else {
    request.set_subject(subject);
  }
  request.set_filter(filter);
  return request;
}

// The questions of every brief but for the subject itself: two parts.
template <typename Parts>
void AskForCommon(const std::string& name, const ListAlertsRequest& alerts, const Terms& terms, Neighbours& neighbours,
                  const std::shared_ptr<Gathering<Parts>>& gathering) {
  neighbours.ListAlerts(alerts, kBriefList, terms,
                        Gathering<Parts>::template Into<ListAlertsResponse>(
                            gathering, [](Parts & parts) -> auto& { return parts.common.alerts; }));
  neighbours.ListChanges(name, terms,
                         Gathering<Parts>::template Into<ListChangesResponse>(
                             gathering, [](Parts & parts) -> auto& { return parts.common.changes; }));
}

bool HasNoSubject(const absl::Status& status) { return !CheckSubject(status).ok(); }

// Without its subject there is no brief.
template <typename Parts>
Done<BatchGetResponse> IntoSubject(const Terms& terms, const std::shared_ptr<Gathering<Parts>>& gathering) {
  return Gathering<Parts>::template Into<BatchGetResponse>(
      gathering, terms.cancellation, [](Parts & parts) -> auto& { return parts.common.subject; }, HasNoSubject);
}

template <typename Parts>
void AskForImporter(const std::string& importer, const Terms& terms, Neighbours& neighbours,
                    const std::shared_ptr<Gathering<Parts>>& gathering) {
  if (!importer.empty()) {
    neighbours.GetResource(importer, terms,
                           Gathering<Parts>::template Into<BatchGetResponse>(
                               gathering, terms.cancellation,
                               [](Parts & parts) -> auto& { return parts.importer.found; }, absl::IsNotFound));
  }
}

// From or to one of the companies or their facilities; empty: there are none.
std::string LinksOf(const registry::v1::Project& project) {
  std::vector<std::string> ends;
  for (const std::string& company : CompaniesOf(project).names) {
    for (const char* end : {"from", "to"}) {
      ends.push_back(Equals(end, company));
      ends.push_back(Equals(end, absl::StrCat(company, "/*")));
    }
  }
  return ends.empty() ? ""
                      : absl::StrCat(Equals("mineral", project.mineral()), " AND (", absl::StrJoin(ends, " OR "), ")");
}

// What follows from the project: two parts.
void AskAboutProject(const Part<BatchGetResponse>& found, const Terms& terms, Neighbours& neighbours,
                     const std::shared_ptr<Gathering<ProjectBriefParts>>& gathering) {
  using Parts = Gathering<ProjectBriefParts>;
  auto agreements = Parts::Into<ListAgreementsResponse>(
      gathering, [](auto& parts) -> auto& { return parts.agreements; });
  auto links = Parts::Into<ListLinksResponse>(
      gathering, [](auto& parts) -> auto& { return parts.links; });
  if (!found.ok() || found->entries_size() == 0) {
    agreements(found.status());
    links(found.status());
    return;
  }
  const registry::v1::Project& project = found->entries(0).project();
  neighbours.ListAgreements(absl::StrCat("parties:\"", project.country(), "\""), terms, std::move(agreements));
  const std::string of_companies = LinksOf(project);
  if (!of_companies.empty()) {
    return neighbours.ListLinks(of_companies, terms, std::move(links));
  }
  ListLinksResponse none;
  *none.mutable_revision() = found->revision();
  Part<ListLinksResponse> part(std::move(none));
  part.current = found.current;
  part.as_of = found.as_of;
  part.stale_because = found.stale_because;
  links(std::move(part));
}

// Of a search: of all kinds that are neither alerts nor rules.
registry::v1::SearchRequest ResourcesOf(const v1::SearchRequest& request, const v1::SearchPosition& position) {
  registry::v1::SearchRequest asked;
  asked.set_query(request.query());
  for (const std::string& kind : request.kinds()) {
    if (kind != "alerts" && kind != "rules") {
      asked.add_kinds(kind);
    }
  }
  asked.set_page_size(PageSizeOf(request));
  asked.set_page_token(position.registry_token());
  return asked;
}

SearchScope ScopeOf(const v1::SearchRequest& request) {
  if (request.kinds().empty()) {
    return {};
  }
  const auto has = [&](absl::string_view kind) {
    return std::find(request.kinds().begin(), request.kinds().end(), kind) != request.kinds().end();
  };
  return {ResourcesOf(request, {}).kinds_size() > 0, has("alerts"), has("rules")};
}

}  // namespace

int PageSizeOf(const v1::SearchRequest& request) {
  constexpr int kDefault = 20;
  constexpr int kMost = 100;
  return request.page_size() == 0 ? kDefault : std::min(request.page_size(), kMost);
}

void AskForOverview(const v1::GetOverviewRequest& request, const OverviewDefaults& defaults, const Terms& terms,
                    Neighbours& neighbours, Whole<v1::Overview> whole) {
  using Parts = Gathering<OverviewParts>;
  OverviewParts parts;
  parts.importer.name = request.importer();
  const std::string list = request.critical_list().empty() ? defaults.critical_list : request.critical_list();
  const auto gathering = std::make_shared<Parts>(
      std::move(parts), request.importer().empty() ? 4 : 5,
      [list, limit = request.limit(), whole = std::move(whole)](OverviewParts came, bool current) {
        whole(MakeOverview(list, limit, std::move(came)), current);
      });
  ListScoresRequest supply_risk = ScoresBy(risk::v1::METHOD_EU_SUPPLY_RISK_2017);
  supply_risk.mutable_filter()->set_importer(request.importer().empty() ? defaults.importer : request.importer());
  ListAlertsRequest firing;
  firing.set_state(alerting::v1::ALERT_STATE_FIRING);
  AskForImporter(request.importer(), terms, neighbours, gathering);
  neighbours.ListMinerals(terms, Parts::Into<ListMineralsResponse>(
                                     gathering, [](auto& came) -> auto& { return came.minerals; }));
  neighbours.ListScores(ScoresBy(risk::v1::METHOD_HHI), terms,
                        Parts::Into<ListScoresResponse>(
                            gathering, [](auto& came) -> auto& { return came.concentration; }));
  neighbours.ListScores(supply_risk, terms,
                        Parts::Into<ListScoresResponse>(
                            gathering, [](auto& came) -> auto& { return came.supply_risk; }));
  neighbours.ListAlerts(firing, kWholeList, terms,
                        Parts::Into<ListAlertsResponse>(
                            gathering, [](auto& came) -> auto& { return came.firing; }));
}

void AskForMineral(const v1::GetMineralBriefRequest& request, const Terms& terms, Neighbours& neighbours,
                   Whole<v1::MineralBrief> whole) {
  using Parts = Gathering<MineralBriefParts>;
  MineralBriefParts parts;
  parts.importer.name = request.importer();
  const auto gathering = std::make_shared<Parts>(std::move(parts), request.importer().empty() ? 3 : 4,
                                                 [whole = std::move(whole)](MineralBriefParts came, bool current) {
                                                   whole(MakeMineralBrief(std::move(came)), current);
                                                 });
  ListScoresRequest scores;
  scores.mutable_filter()->set_subject(request.name());
  AskForImporter(request.importer(), terms, neighbours, gathering);
  neighbours.GetResource(
      request.name(), terms,
      Parts::Into<BatchGetResponse>(
          gathering, terms.cancellation, [](auto& came) -> auto& { return came.mineral; }, HasNoSubject));
  neighbours.ListScores(scores, terms,
                        Parts::Into<ListScoresResponse>(
                            gathering, [](auto& came) -> auto& { return came.scores; }));
  neighbours.ListAlerts(AlertsOf(request.name()), kWholeList, terms,
                        Parts::Into<ListAlertsResponse>(
                            gathering, [](auto& came) -> auto& { return came.alerts; }));
}

void AskForCountry(const v1::GetCountryBriefRequest& request, const Terms& terms, Neighbours& neighbours,
                   Whole<v1::CountryBrief> whole) {
  using Parts = Gathering<CountryBriefParts>;
  const std::string& name = request.name();
  const auto gathering =
      std::make_shared<Parts>(CountryBriefParts(), 9, [whole = std::move(whole)](CountryBriefParts came, bool current) {
        whole(MakeCountryBrief(std::move(came)), current);
      });
  ListScoresRequest scores;
  scores.mutable_filter()->set_subject(name);
  ListScoresRequest production = ScoresBy(risk::v1::METHOD_HHI);
  production.set_producer(name);
  neighbours.GetResource(name, terms, IntoSubject(terms, gathering));
  neighbours.ListScores(scores, terms,
                        Parts::Into<ListScoresResponse>(
                            gathering, [](auto& came) -> auto& { return came.scores; }));
  neighbours.ListScores(production, terms,
                        Parts::Into<ListScoresResponse>(
                            gathering, [](auto& came) -> auto& { return came.production; }));
  neighbours.ListMeasures(Equals("imposer", name), terms,
                          Parts::Into<ListMeasuresResponse>(
                              gathering, [](auto& came) -> auto& { return came.measures; }));
  neighbours.ListAgreements(absl::StrCat("parties:\"", name, "\""), terms,
                            Parts::Into<ListAgreementsResponse>(
                                gathering, [](auto& came) -> auto& { return came.agreements; }));
  neighbours.ListProjects(Equals("country", name), terms,
                          Parts::Into<ListProjectsResponse>(
                              gathering, [](auto& came) -> auto& { return came.projects; }));
  neighbours.ListFacilities("suppliers/-", Equals("country", name), terms,
                            Parts::Into<ListFacilitiesResponse>(
                                gathering, [](auto& came) -> auto& { return came.facilities; }));
  AskForCommon(name, OpenAlertsOf(name, /*with_contained=*/false), terms, neighbours, gathering);
}

void AskForSupplier(const v1::GetSupplierBriefRequest& request, const Terms& terms, Neighbours& neighbours,
                    Whole<v1::SupplierBrief> whole) {
  using Parts = Gathering<SupplierBriefParts>;
  const std::string& name = request.name();
  const auto gathering = std::make_shared<Parts>(SupplierBriefParts(), 6,
                                                 [whole = std::move(whole)](SupplierBriefParts came, bool current) {
                                                   whole(MakeSupplierBrief(std::move(came)), current);
                                                 });
  risk::v1::ScoreKey score;
  score.set_subject(name);
  score.set_method(risk::v1::METHOD_OREWATCH_SUPPLIER_2026);
  neighbours.GetResource(name, terms, IntoSubject(terms, gathering));
  neighbours.ListFacilities(name, "", terms,
                            Parts::Into<ListFacilitiesResponse>(
                                gathering, [](auto& came) -> auto& { return came.facilities; }));
  neighbours.ExplainScore(score, terms,
                          Parts::Into<risk::v1::ScoreExplanation>(
                              gathering, [](auto& came) -> auto& { return came.score; }));
  neighbours.ListExposures(name, terms,
                           Parts::Into<risk::v1::ListExposuresResponse>(
                               gathering, [](auto& came) -> auto& { return came.exposures; }));
  AskForCommon(name, OpenAlertsOf(name, /*with_contained=*/true), terms, neighbours, gathering);
}

void AskForProject(const v1::GetProjectBriefRequest& request, const Terms& terms, Neighbours& neighbours,
                   Whole<v1::ProjectBrief> whole) {
  using Parts = Gathering<ProjectBriefParts>;
  const std::string& name = request.name();
  const auto gathering =
      std::make_shared<Parts>(ProjectBriefParts(), 6, [whole = std::move(whole)](ProjectBriefParts came, bool current) {
        whole(MakeProjectBrief(std::move(came)), current);
      });
  Terms first = terms;
  first.share_of_time = 0.5;
  neighbours.GetResource(name, first, [terms, &neighbours, gathering](Part<BatchGetResponse> found) {
    AskAboutProject(found, terms, neighbours, gathering);
    IntoSubject(terms, gathering)(std::move(found));
  });
  neighbours.GetProjectOutlook(name, terms,
                               Parts::Into<risk::v1::ProjectOutlook>(
                                   gathering, [](auto& came) -> auto& { return came.outlook; }));
  AskForCommon(name, OpenAlertsOf(name, /*with_contained=*/false), terms, neighbours, gathering);
}

void AskForMatches(const v1::SearchRequest& request, const v1::SearchPosition& position, const Terms& terms,
                   Neighbours& neighbours, Whole<SearchPage> whole) {
  using Parts = Gathering<SearchParts>;
  constexpr RowLimit kSearched = {2000, 4};
  SearchParts parts;
  parts.scope = ScopeOf(request);
  const SearchScope scope = parts.scope;
  const bool ask_registry = scope.resources && !position.registry_done();
  const int expected = (ask_registry ? 1 : 0) + (scope.alerts ? 1 : 0) + (scope.rules ? 1 : 0);
  const auto gathering = std::make_shared<Parts>(
      std::move(parts), expected, [request, position, whole = std::move(whole)](SearchParts came, bool current) {
        whole(MakeSearchPage(request.query(), PageSizeOf(request), position, std::move(came)), current);
      });
  if (ask_registry) {
    neighbours.Search(ResourcesOf(request, position), terms,
                      Parts::Into<registry::v1::SearchResponse>(
                          gathering, [](auto& came) -> auto& { return came.resources; }));
  }
  if (scope.alerts) {
    neighbours.ListAlerts(ListAlertsRequest(), kSearched, terms,
                          Parts::Into<ListAlertsResponse>(
                              gathering, [](auto& came) -> auto& { return came.alerts; }));
  }
  if (scope.rules) {
    neighbours.ListRules(kSearched, terms,
                         Parts::Into<alerting::v1::ListRulesResponse>(
                             gathering, [](auto& came) -> auto& { return came.rules; }));
  }
}

}  // namespace orewatch::gateway
