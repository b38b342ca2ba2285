#include "services/risk/api/chain_answers.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/risk/api/chain_subject.h"
#include "services/risk/api/score_message.h"
#include "services/risk/domain/chain_cone.h"
#include "services/risk/domain/chain_nodes.h"
#include "services/risk/domain/chain_survival.h"
#include "services/risk/domain/supply_alternatives.h"
#include "services/risk/domain/supply_failures.h"
#include "services/risk/domain/supply_paths.h"

namespace orewatch::risk {
namespace {

constexpr int kDefaultPaths = 20;
constexpr int kMaxPaths = 100;
constexpr size_t kMaxPathSteps = 1'000'000;
constexpr size_t kMaxUpstream = 5'000;
// Links: of one, all minerals and stocks are looked at.
constexpr size_t kMaxSurvivalLinks = 100'000;
constexpr int kDefaultAlternatives = 100;
constexpr int kMaxAlternatives = 1000;
constexpr char kCountries[] = "countries/";

absl::StatusOr<NodeKey> KeyOf(const ChainView& view, const std::string& subject, const std::string& mineral,
                              const Snapshot& snapshot) {
  OREWATCH_ASSIGN_OR_RETURN(NodeKey key, NodeKeyOf(view, subject, mineral));
  return snapshot.model->KnowsSubject(mineral) ? absl::StatusOr<NodeKey>(std::move(key)) : NoSuchName(mineral);
}

// Up to `depth` links upstream.
template <typename Request>
absl::StatusOr<Cone> ConeAskedBy(const Request& request, int depth, const Snapshot& snapshot, const Asker& asker) {
  const ChainView view(snapshot.chain, asker.principal);
  OREWATCH_ASSIGN_OR_RETURN(const NodeKey key, KeyOf(view, request.subject(), request.mineral(), snapshot));
  LinkBudget budget = asker.budget();
  std::optional<Cone> cone = ConeOf(view, key, "", depth, budget);
  return cone.has_value() ? absl::StatusOr<Cone>(*std::move(cone)) : ChainTooLarge(asker.max_links);
}

absl::StatusOr<int> PageSizeOf(int asked, int by_default, int most) {
  if (asked < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  return asked == 0 ? by_default : std::min(asked, most);
}

// `field` is blamed for a name that is not one of a country.
absl::StatusOr<CountryIndex> CountryOf(const std::string& name, const char* field, const Snapshot& snapshot) {
  const CountryIndex country = CountryIndexOf(std::string(absl::StripPrefix(name, kCountries)));
  if (!absl::StartsWith(name, kCountries) || country == kUnknownCountry) {
    return InvalidField(field, "is no name of a country");
  }
  return snapshot.model->KnowsSubject(name) ? absl::StatusOr<CountryIndex>(country) : NoSuchName(name);
}

absl::StatusOr<GroupBy> PointsAre(v1::GroupBy group_by) {
  switch (group_by) {
    case v1::GROUP_BY_UNSPECIFIED:
    case v1::GROUP_BY_FACILITY:
      return GroupBy::kFacility;
    case v1::GROUP_BY_SUPPLIER:
      return GroupBy::kSupplier;
    default:
      return InvalidField("group_by", "must be by facility or by supplier");
  }
}

void FillPath(const SupplyPath& path, const SupplyGraph& graph, v1::SupplyPath& message) {
  for (const std::string& link : path.links) {
    message.add_links(link);
  }
  message.set_source(graph.Key(path.source).name);
  if (path.share.has_value()) {
    message.set_share(*path.share);
  }
  message.set_verified(path.verified);
  if (path.confidence.has_value()) {
    message.set_confidence(*path.confidence);
  }
}

absl::StatusOr<PathQuery> PathQueryOf(const v1::ListSupplyPathsRequest& request, const Snapshot& snapshot) {
  PathQuery query;
  query.tier = request.tier();
  query.max_steps = kMaxPathSteps;
  if (query.tier < 1 || query.tier > kMaxTier) {
    return InvalidField("tier", absl::StrCat("must be from 1 to ", kMaxTier));
  }
  OREWATCH_ASSIGN_OR_RETURN(const int size, PageSizeOf(request.page_size(), kDefaultPaths, kMaxPaths));
  query.max_paths = static_cast<size_t>(size);
  if (!request.country().empty()) {
    OREWATCH_ASSIGN_OR_RETURN(query.country, CountryOf(request.country(), "country", snapshot));
  }
  return query;
}

// The share's bits, if it is known, and the links, a line each.
std::string PositionOf(const SupplyPath& path) {
  const std::string share = path.share.has_value() ? absl::StrCat(std::bit_cast<uint64_t>(*path.share)) : "";
  return absl::StrCat(share, "\n", absl::StrJoin(path.links, "\n"));
}

// What a path's place in the order needs; nothing: the first page.
std::optional<SupplyPath> PathAt(const std::string& position) {
  if (position.empty()) {
    return std::nullopt;
  }
  SupplyPath path;
  path.links = absl::StrSplit(position, '\n');
  uint64_t share = 0;
  if (absl::SimpleAtoi(path.links.front(), &share)) {
    path.share = std::bit_cast<double>(share);
  }
  path.links.erase(path.links.begin());
  return path;
}

void FillAlternative(const Alternative& alternative, const SupplyGraph& graph, v1::Alternative& message) {
  message.set_facility(graph.Key(alternative.node).name);
  if (alternative.spare_tonnes_per_year.has_value()) {
    message.set_spare_capacity_tonnes_per_year(*alternative.spare_tonnes_per_year);
  }
  message.set_qualified(alternative.qualified);
  if (alternative.months_to_qualify.has_value()) {
    message.set_months_to_qualify(*alternative.months_to_qualify);
  }
}

// Ascends as the alternatives come.
std::string PositionOf(const Alternative& alternative, const SupplyGraph& graph) {
  return absl::StrCat(alternative.qualified ? 0 : 1, graph.Key(alternative.node).name);
}

absl::StatusOr<Loss> LossOf(const std::string& lost, const ChainView& view, const Snapshot& snapshot) {
  if (IsFacility(lost) || IsSupplier(lost)) {
    return view.Knows(lost) ? absl::StatusOr<Loss>({lost, kUnknownCountry}) : NoSuchName(lost);
  }
  if (!absl::StartsWith(lost, kCountries)) {
    return InvalidField("lost", "is no name of a facility, supplier or country");
  }
  OREWATCH_ASSIGN_OR_RETURN(const CountryIndex country, CountryOf(lost, "lost", snapshot));
  return Loss{"", country};
}

void FillCompleteness(const Days& days, type::v1::Completeness& completeness) {
  completeness.set_state(days.known() ? type::v1::Completeness::STATE_COMPLETE : type::v1::Completeness::STATE_UNSET);
  for (const std::string& reason : days.reasons) {
    completeness.add_reasons(reason);
  }
}

void FillDays(const Days& days, v1::TimeToSurvive& message) {
  if (days.known() && !days.never()) {
    message.set_days(*days.lower);
  }
  if (days.lower.has_value()) {
    message.set_earliest_days(*days.lower);
  }
  if (days.upper.has_value()) {
    message.set_latest_days(*days.upper);
  }
  message.set_never(days.known() && days.never());
  FillCompleteness(days, *message.mutable_completeness());
}

void FillLost(const Days& days, std::optional<double> tonnes_per_year, double outage_days, v1::TimeToSurvive& message) {
  const auto per_day =
      tonnes_per_year.has_value() ? std::optional<double>(*tonnes_per_year / kDaysPerYear) : std::nullopt;
  const LostUnits lost = LostDuring(days, per_day, outage_days);
  message.mutable_lost_tonnes()->set_lower(lost.lower);
  if (lost.upper.has_value()) {
    message.mutable_lost_tonnes()->set_upper(*lost.upper);
  } else {
    message.mutable_completeness()->add_reasons("NO_REQUIREMENT");
  }
}

}  // namespace

absl::StatusOr<v1::ListSupplyPathsResponse> Answer(const v1::ListSupplyPathsRequest& request, const Snapshot& newest,
                                                   const Asker& asker, const Paging& paging) {
  const std::string token_query = PagedQuery(request, asker.principal);
  OREWATCH_ASSIGN_OR_RETURN(Page page, PageOf(request.page_token(), token_query, newest, paging));
  const Snapshot& snapshot = page.snapshot;
  OREWATCH_ASSIGN_OR_RETURN(PathQuery query, PathQueryOf(request, snapshot));
  query.patience = asker.patience;
  query.after = PathAt(page.token.position);
  OREWATCH_ASSIGN_OR_RETURN(const Cone cone, ConeAskedBy(request, query.tier, snapshot, asker));
  const SupplyPaths found = PathsOf(cone.graph, cone.root, query);
  v1::ListSupplyPathsResponse response;
  for (const SupplyPath& path : found.paths) {
    FillPath(path, cone.graph, *response.add_paths());
  }
  if (found.more && !found.paths.empty()) {
    page.token.position = PositionOf(found.paths.back());
    response.set_next_page_token(EncodePageToken(page.token, token_query, paging.secret));
  }
  response.set_more(found.more);
  response.set_gave_up(found.gave_up);
  *response.mutable_revision() = RevisionOf(snapshot, snapshot.model->revision());
  return response;
}

absl::StatusOr<v1::ListFailurePointsResponse> Answer(const v1::ListFailurePointsRequest& request,
                                                     const Snapshot& snapshot, const Asker& asker) {
  OREWATCH_ASSIGN_OR_RETURN(const GroupBy group_by, PointsAre(request.group_by()));
  OREWATCH_ASSIGN_OR_RETURN(const Cone cone, ConeAskedBy(request, kMaxTier, snapshot, asker));
  const FailurePoints found = FailurePointsOf(cone.graph, cone.root, kMaxUpstream, group_by, asker.patience);
  v1::ListFailurePointsResponse response;
  for (const FailurePoint& point : found.points) {
    auto& message = *response.add_points();
    message.set_name(point.name);
    message.set_tier(point.tier);
    message.set_certain(point.certain);
  }
  response.set_truncated(found.truncated);
  *response.mutable_revision() = RevisionOf(snapshot, snapshot.model->revision());
  return response;
}

absl::StatusOr<v1::ListAlternativesResponse> Answer(const v1::ListAlternativesRequest& request, const Snapshot& newest,
                                                    const Asker& asker, const Paging& paging) {
  const std::string token_query = PagedQuery(request, asker.principal);
  OREWATCH_ASSIGN_OR_RETURN(Page page, PageOf(request.page_token(), token_query, newest, paging));
  const Snapshot& snapshot = page.snapshot;
  const ChainView view(snapshot.chain, asker.principal);
  OREWATCH_ASSIGN_OR_RETURN(const NodeKey key, KeyOf(view, request.subject(), request.mineral(), snapshot));
  OREWATCH_ASSIGN_OR_RETURN(const int size, PageSizeOf(request.page_size(), kDefaultAlternatives, kMaxAlternatives));
  if (request.product().empty()) {
    return InvalidField("product", "must be given");
  }
  if (!type::v1::Stage_IsValid(request.stage())) {
    return InvalidField("stage", "is no stage");
  }
  LinkBudget budget = asker.budget();
  const std::optional<Cone> market = MarketOf(view, key, request.product(), budget);
  if (!market.has_value()) {
    return ChainTooLarge(asker.max_links);
  }
  const auto alternatives = AlternativesOf(market->graph, market->root, {request.product(), request.stage()});
  v1::ListAlternativesResponse response;
  for (const Alternative& alternative : alternatives) {
    const std::string position = PositionOf(alternative, market->graph);
    if (position <= page.token.position) {
      continue;
    }
    if (response.alternatives_size() == size) {
      response.set_more(true);
      response.set_next_page_token(EncodePageToken(page.token, token_query, paging.secret));
      break;
    }
    FillAlternative(alternative, market->graph, *response.add_alternatives());
    page.token.position = position;
  }
  *response.mutable_revision() = RevisionOf(snapshot, snapshot.model->revision());
  return response;
}

absl::StatusOr<v1::TimeToSurvive> Answer(const v1::GetTimeToSurviveRequest& request, const Snapshot& snapshot,
                                         const Asker& asker) {
  const ChainView view(snapshot.chain, asker.principal);
  if (request.has_outage_days() && !(std::isfinite(request.outage_days()) && request.outage_days() >= 0)) {
    return InvalidField("outage_days", "must be a number of at least 0");
  }
  OREWATCH_ASSIGN_OR_RETURN(const ChainSubject subject,
                            SubjectOf(view, request.subject(), request.mineral(), request.product()));
  if (!request.mineral().empty() && !snapshot.model->KnowsSubject(request.mineral())) {
    return NoSuchName(request.mineral());
  }
  OREWATCH_ASSIGN_OR_RETURN(const Loss loss, LossOf(request.lost(), view, snapshot));
  const LinkBudget budget{std::min(asker.max_links, kMaxSurvivalLinks), asker.patience};
  const Days days = DaysAfter(view, {subject.names, subject.mineral, subject.product}, loss, budget);
  v1::TimeToSurvive message;
  FillDays(days, message);
  if (request.has_outage_days()) {
    FillLost(days, subject.tonnes_per_year, request.outage_days(), message);
  }
  *message.mutable_revision() = RevisionOf(snapshot, snapshot.model->revision());
  return message;
}

}  // namespace orewatch::risk
