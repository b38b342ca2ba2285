#include "services/risk/domain/series_scorer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/risk/domain/eu_supply_risk.h"

namespace orewatch::risk {
namespace {

constexpr double kEuGovernanceScale = 10;

size_t RankOf(const std::vector<std::string>& datasets, const std::string& dataset) {
  return static_cast<size_t>(std::find(datasets.begin(), datasets.end(), dataset) - datasets.begin());
}

// Of a date's ISO text and a year: the year lies within the membership.
bool Holds(const Membership& membership, int year) {
  const std::string end = absl::StrCat(year, "-12-31");
  return membership.from <= end && (membership.to.empty() || membership.to > end);
}

std::string CodeOf(const std::string& country_name) {
  constexpr size_t kPrefix = sizeof("countries/") - 1;
  return country_name.substr(std::min(kPrefix, country_name.size()));
}

}  // namespace

SeriesScorer::SeriesScorer(const Model& model, const SeriesId& id, const Block& block)
    : model_(model),
      id_(id),
      block_(block),
      governance_(1, model.parameters_.imputed_governance),
      governance_of_ten_(kEuGovernanceScale, model.parameters_.imputed_governance) {
  for (const auto& [country, years] : model_.governance_) {
    // The latest year that is there.
    if (const auto risk = GovernanceRisk(years.rbegin()->second)) {
      governance_.Set(country, *risk);
      governance_of_ten_.Set(country, *risk);
    }
  }
  production_ = ChooseProduction();
  if (!production_.empty()) {
    shares_ = SharesOf(production_.rows.front().second->measure, ProductionParts());
  }
}

SeriesScorer::Production SeriesScorer::ChooseProduction() const {
  std::map<ProductionKey, Production> candidates;
  std::map<ProductionKey, double> totals;
  for (const auto& [key, figure] : block_.production) {
    ProductionKey series = key;
    series.country.clear();
    Production& candidate = candidates[series];
    candidate.key = series;
    candidate.rows.emplace_back(key.country, &figure);
    totals[series] += figure.amount.value_or(0);
  }
  const auto better = [&](const ProductionKey& a, const ProductionKey& b) {
    const auto rank = [&](const ProductionKey& key) { return RankOf(model_.parameters_.datasets, key.dataset); };
    return std::make_tuple(rank(a), a.dataset, -a.year, -totals[a], a) <
           std::make_tuple(rank(b), b.dataset, -b.year, -totals[b], b);
  };
  const Production* best = nullptr;
  for (const auto& [key, candidate] : candidates) {
    if (best == nullptr || better(key, best->key)) {
      best = &candidate;
    }
  }
  return best == nullptr ? Production{} : *best;
}

std::vector<Part> SeriesScorer::ProductionParts() const {
  std::vector<Part> parts;
  for (const auto& [country, figure] : production_.rows) {
    parts.push_back({country, figure->amount, figure->withheld});
  }
  return parts;
}

std::vector<Score> SeriesScorer::Compute() const {
  std::vector<Score> scores;
  if (!production_.empty()) {
    scores.push_back(Concentration());
    scores.push_back(GovernanceConcentration());
  }
  for (const std::string& importer : model_.parameters_.importers) {
    Score score = SupplyRisk(importer);
    if (!score.inputs.empty()) {
      scores.push_back(std::move(score));
    }
  }
  return scores;
}

Score SeriesScorer::Begin(Method method, const std::string& importer) const {
  Score score;
  score.key = {id_.mineral, id_.stage, importer, method};
  score.reference_year = production_.key.year;
  if (const auto top = TopShare(shares_)) {
    score.top_country = top->country;
    score.top_share = top->value;
  }
  return score;
}

void SeriesScorer::Finish(Score& score) const { score.band = BandOf(score.key.method, score.estimate); }

void SeriesScorer::AddProductionInputs(const Shares& shares, const WeightOf& weight_of, double scale,
                                       Score& score) const {
  for (const auto& [country, figure] : production_.rows) {
    Input input{"production",
                country,
                std::nullopt,
                std::nullopt,
                production_.key.year,
                production_.key.dataset,
                production_.key.basis,
                production_.key.scope,
                *figure};
    for (const Share& share : shares.named) {
      if (share.country == country) {
        input.value = share.value;
        input.contribution = share.value * share.value * weight_of(country).value * scale;
      }
    }
    score.inputs.push_back(std::move(input));
  }
}

Score SeriesScorer::Concentration() const {
  Score score = Begin(Method::kHhi, "");
  score.estimate = Herfindahl(shares_);
  AddProductionInputs(
      shares_,
      [](const std::string&) {
        return Weight{1, 1, 1, false};
      },
      kFullConcentration, score);
  Finish(score);
  return score;
}

Score SeriesScorer::GovernanceConcentration() const {
  Score score = Begin(Method::kHhiGovernance, "");
  const WeightOf weight = GovernanceWeight(governance_);
  score.estimate = WeightedHerfindahl(shares_, weight, governance_.worst());
  if (score.estimate.value.has_value()) {
    *score.estimate.value *= kFullConcentration;
  }
  score.estimate.lower *= kFullConcentration;
  if (score.estimate.upper.has_value()) {
    *score.estimate.upper *= kFullConcentration;
  }
  AddProductionInputs(shares_, weight, kFullConcentration, score);
  Finish(score);
  return score;
}

std::set<std::string> SeriesScorer::MembersOf(const std::string& importer) const {
  if (!absl::StartsWith(importer, "blocs/")) {
    return {CodeOf(importer)};
  }
  std::set<std::string> members;
  const auto bloc = model_.blocs_.find(importer);
  if (bloc == model_.blocs_.end()) {
    return members;
  }
  int latest_year = 0;
  for (const auto& [key, figure] : block_.trade) {
    latest_year = std::max(latest_year, key.year);
  }
  for (const Membership& membership : bloc->second) {
    if (Holds(membership, latest_year)) {
      members.insert(membership.country);
    }
  }
  return members;
}

SeriesScorer::Sourcing SeriesScorer::SourcingOf(const std::set<std::string>& members) const {
  Sourcing sourcing;
  for (const auto& [key, figure] : block_.trade) {
    sourcing.year = std::max(sourcing.year, key.year);
  }
  for (const auto& [key, figure] : block_.trade) {
    const bool into = members.count(key.importer) > 0;
    const bool from = members.count(key.exporter) > 0;
    // Trade within the importer moves nothing in or out.
    if (key.year != sourcing.year || into == from) {
      continue;
    }
    sourcing.same_basis = sourcing.same_basis && key.basis == production_.key.basis;
    if (from) {
      sourcing.exports += figure.amount.value_or(0);
      continue;
    }
    sourcing.hs6.insert(key.hs6);
    sourcing.imports += figure.amount.value_or(0);
    sourcing.complete = sourcing.complete && figure.amount.has_value();
    sourcing.parts.push_back({key.exporter, figure.amount, figure.withheld});
    sourcing.inputs.push_back(
        {"import", key.exporter, figure.amount, std::nullopt, key.year, key.dataset, key.basis, key.scope, figure});
  }
  return sourcing;
}

Score SeriesScorer::SupplyRisk(const std::string& importer) const {
  Score score = Begin(Method::kEuSupplyRisk2017, importer);
  const std::set<std::string> members = MembersOf(importer);
  Sourcing sourcing = SourcingOf(members);
  if (sourcing.inputs.empty()) {
    // Somebody of whom no trade is known is not scored at all, rather than like the world.
    return score;
  }
  SupplyRiskInputs inputs;
  if (!production_.empty()) {
    inputs.global_supply = shares_;
  }
  double domestic = 0;
  const bool comparable = sourcing.same_basis && shares_.unknown.empty() && !shares_.capped;
  for (const auto& [country, figure] : production_.rows) {
    if (comparable && members.count(country) > 0 && figure->amount.has_value()) {
      domestic += *figure->amount;
      sourcing.parts.push_back({country, figure->amount});
    }
  }
  inputs.sourcing = SharesOf(Measure::kTonnes, sourcing.parts);
  if (comparable) {
    inputs.import_reliance = ImportReliance(domestic, sourcing.imports, sourcing.exports);
  }
  const auto recycling = model_.recycling_.find(id_.mineral);
  if (recycling != model_.recycling_.end()) {
    inputs.recycling_rate = recycling->second.rbegin()->second.rate;
  }
  score.estimate = EuSupplyRisk(inputs, governance_of_ten_, TradeFactors(), [&](const std::string& country) {
    return members.count(country) > 0 ? TradeRelation::kMember : TradeRelation::kNone;
  });
  if (!sourcing.same_basis) {
    AddReason("BASIS_MISMATCH", score.estimate.reasons);
  }
  if (recycling != model_.recycling_.end() && !recycling->second.rbegin()->second.region.empty()) {
    AddReason(absl::StrCat("RECYCLING_REGION:", recycling->second.rbegin()->second.region), score.estimate.reasons);
  }
  score.hs6.assign(sourcing.hs6.begin(), sourcing.hs6.end());
  score.reference_year = sourcing.year;
  AddProductionInputs(shares_, GovernanceWeight(governance_of_ten_), 1, score);
  score.inputs.insert(score.inputs.end(), sourcing.inputs.begin(), sourcing.inputs.end());
  Finish(score);
  return score;
}

}  // namespace orewatch::risk
