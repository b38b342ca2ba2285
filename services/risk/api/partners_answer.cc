#include "services/risk/api/partners_answer.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/risk/api/score_message.h"
#include "services/risk/domain/calendar.h"
#include "services/risk/domain/partners.h"

namespace orewatch::risk {
namespace {

constexpr int kMaxExclusions = 300;
constexpr int kMaxHorizonYears = 50;
constexpr double kMaxWeight = 1000;
constexpr size_t kMaxProduct = 128;

void CheckWeights(const v1::RankPartnersRequest& request, FieldViolations& violations) {
  std::set<int> seen;
  if (request.weights_size() > v1::PartnerFactor_ARRAYSIZE) {
    return violations.Add("weights", "must be at most one a factor");
  }
  for (int i = 0; i < request.weights_size(); ++i) {
    const v1::PartnerWeight& weight = request.weights(i);
    const std::string field = absl::StrCat("weights[", i, "]");
    if (weight.factor() == v1::PARTNER_FACTOR_UNSPECIFIED || !v1::PartnerFactor_IsValid(weight.factor())) {
      violations.Add(absl::StrCat(field, ".factor"), "must name a factor");
    } else if (!seen.insert(weight.factor()).second) {
      violations.Add(absl::StrCat(field, ".factor"), "is there twice");
    }
    // Written so that what is no number is refused.
    if (!(weight.weight() >= 0 && weight.weight() <= kMaxWeight)) {
      violations.Add(absl::StrCat(field, ".weight"), absl::StrCat("must be within 0 and ", kMaxWeight));
    }
  }
}

PartnerWeights WeightsOf(const v1::RankPartnersRequest& request, const PartnerParameters& own) {
  PartnerWeights weights = own.weights;
  for (const v1::PartnerWeight& weight : request.weights()) {
    weights[static_cast<PartnerFactor>(weight.factor())] = weight.weight();
  }
  return weights;
}

bool AnythingCounts(const PartnerWeights& weights, StageNumber stage) {
  double sum = 0;
  for (const auto& [factor, weight] : weights) {
    sum += factor != PartnerFactor::kEndowment || stage == type::v1::STAGE_MINE ? weight : 0;
  }
  return sum > 0;
}

absl::Status Check(const v1::RankPartnersRequest& request, int this_year) {
  FieldViolations violations;
  if (!absl::StartsWith(request.mineral(), "minerals/")) {
    violations.Add("mineral", "must name a mineral");
  }
  if (request.stage() == type::v1::STAGE_UNSPECIFIED || !type::v1::Stage_IsValid(request.stage())) {
    violations.Add("stage", "must name a stage");
  }
  if (request.product().size() > kMaxProduct) {
    violations.Add("product", absl::StrCat("must be at most ", kMaxProduct, " bytes"));
  }
  if (request.importer().empty()) {
    violations.Add("importer", "must name a country or bloc");
  }
  if (request.horizon_year() < this_year || request.horizon_year() > this_year + kMaxHorizonYears) {
    violations.Add("horizon_year", absl::StrCat("must be within ", this_year, " and ", this_year + kMaxHorizonYears));
  }
  if (request.exclusions_size() > kMaxExclusions) {
    violations.Add("exclusions", absl::StrCat("must be at most ", kMaxExclusions));
  }
  for (const std::string& name : request.exclusions()) {
    if (!absl::StartsWith(name, "countries/") && !absl::StartsWith(name, "blocs/")) {
      violations.Add("exclusions", "must name countries and blocs");
      break;
    }
  }
  CheckWeights(request, violations);
  if (!AnythingCounts(WeightsOf(request, {}), request.stage())) {
    violations.Add("weights", "must not all be 0");
  }
  return violations.ToStatus();
}

absl::Status NoSuch(const char* what, const std::string& name) {
  return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat("there is no ", what, " ", name),
                   {{"name", name}});
}

absl::Status CheckNames(const v1::RankPartnersRequest& request, const Model& model) {
  if (!model.KnowsSubject(request.mineral())) {
    return NoSuch("mineral", request.mineral());
  }
  if (!model.KnowsImporter(request.importer())) {
    return NoSuch("importer", request.importer());
  }
  for (const std::string& name : request.exclusions()) {
    if (!model.KnowsImporter(name)) {
      return NoSuch("country or bloc", name);
    }
  }
  return absl::OkStatus();
}

void FillProvenance(const Provenance& provenance, type::v1::Provenance& message) {
  message.set_source(provenance.source);
  message.set_as_of(provenance.as_of);
  message.set_licence(provenance.licence);
}

void FillFactor(const PartnerFactorFinding& finding, v1::PartnerFactorValue& message) {
  message.set_factor(static_cast<v1::PartnerFactor>(finding.factor));
  if (finding.value.has_value()) {
    message.set_value(*finding.value);
  }
  message.set_unit(finding.unit);
  message.set_year(finding.year);
  message.set_scaled(finding.scaled.value);
  message.mutable_scaled_bounds()->set_lower(finding.scaled.lower);
  message.mutable_scaled_bounds()->set_upper(finding.scaled.upper);
  message.set_contribution(finding.contribution);
  for (const Provenance& provenance : finding.provenances) {
    FillProvenance(provenance, *message.add_provenances());
  }
  message.mutable_resources()->Assign(finding.resources.begin(), finding.resources.end());
  message.mutable_reasons()->Assign(finding.reasons.begin(), finding.reasons.end());
}

void FillYear(const PartnerYearFinding& finding, v1::PartnerYear& message) {
  message.set_year(finding.year);
  if (finding.free_tonnes.has_value()) {
    message.set_free_tonnes(*finding.free_tonnes);
  }
  if (finding.uncommitted_tonnes.has_value()) {
    message.set_uncommitted_tonnes(*finding.uncommitted_tonnes);
  }
  if (finding.risked_project_tonnes.has_value()) {
    message.set_risked_project_tonnes(*finding.risked_project_tonnes);
  }
  if (finding.moved_share.has_value()) {
    message.set_moved_share(*finding.moved_share);
  }
  if (finding.risk_fall.has_value()) {
    message.set_risk_fall(*finding.risk_fall);
  }
}

void FillPartner(const Partner& partner, v1::Partner& message) {
  const RankedCandidate& ranked = partner.ranked;
  message.set_country(absl::StrCat("countries/", ranked.country));
  message.set_rank(ranked.rank);
  message.set_best_rank(ranked.best_rank);
  message.set_worst_rank(ranked.worst_rank);
  message.set_score(ranked.score);
  message.set_best_possible_rank(partner.at_most.best_rank);
  message.set_worst_possible_rank(partner.at_most.worst_rank);
  message.mutable_score_bounds()->set_lower(partner.at_most.lower);
  message.mutable_score_bounds()->set_upper(partner.at_most.upper);
  for (const PartnerFactorFinding& finding : partner.factors) {
    FillFactor(finding, *message.add_factors());
  }
  for (const PartnerYearFinding& year : partner.years) {
    FillYear(year, *message.add_years());
  }
  message.mutable_other_resources()->Assign(partner.other_resources.begin(), partner.other_resources.end());
}

v1::RankPartnersResponse MessageOf(const PartnerRanking& ranking) {
  v1::RankPartnersResponse message;
  for (const Partner& partner : ranking.partners) {
    FillPartner(partner, *message.add_partners());
  }
  for (const auto& [factor, weight] : ranking.weights) {
    auto& echoed = *message.add_weights();
    echoed.set_factor(static_cast<v1::PartnerFactor>(factor));
    echoed.set_weight(weight);
  }
  for (const PartnerFactor factor : ranking.not_ranked_on) {
    message.add_not_ranked_on(static_cast<v1::PartnerFactor>(factor));
  }
  message.set_risk_method("hhi_governance_imports");
  if (ranking.risk.has_value()) {
    message.set_risk(*ranking.risk);
  }
  if (ranking.imports_tonnes.has_value()) {
    message.set_imports_tonnes(*ranking.imports_tonnes);
    message.set_basis(static_cast<type::v1::Basis>(ranking.basis));
    message.set_imports_year(ranking.imports_year);
  }
  message.mutable_reasons()->Assign(ranking.reasons.begin(), ranking.reasons.end());
  return message;
}

}  // namespace

absl::StatusOr<v1::RankPartnersResponse> RankPartnersAnswer(const v1::RankPartnersRequest& request,
                                                            const std::string& principal, const Snapshot& snapshot) {
  const Model& model = *snapshot.model;
  const int this_year = YearOf(model.world().policy->today);
  if (this_year == 0) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "NO_TODAY", "no day has begun in the registry");
  }
  OREWATCH_RETURN_IF_ERROR(Check(request, this_year));
  OREWATCH_RETURN_IF_ERROR(CheckNames(request, model));
  const PartnerParameters own;
  PartnerQuery query;
  query.series = {request.mineral(), request.stage()};
  query.product = request.product();
  query.importer = request.importer();
  query.horizon_year = request.horizon_year();
  query.exclusions = {request.exclusions().begin(), request.exclusions().end()};
  query.weights = WeightsOf(request, own);
  query.principal = principal;
  v1::RankPartnersResponse answer = MessageOf(RankPartners(model.world(), query));
  answer.set_parameter_set(absl::StrCat(own.name, request.weights().empty() ? "" : "+caller"));
  answer.set_parameter_edition(own.edition);
  *answer.mutable_revision() = RevisionOf(snapshot, model.revision());
  return answer;
}

}  // namespace orewatch::risk
