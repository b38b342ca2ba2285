#include "services/risk/domain/composite_scorer.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "services/risk/domain/importer_trade.h"
#include "services/risk/domain/reliefs.h"
#include "services/risk/domain/stock_cover.h"
#include "services/risk/domain/yale.h"

namespace orewatch::risk {
namespace {

constexpr double kHundred = 100;

ParameterSet EchoOf(const CompositeParameters& parameters) {
  constexpr char kOurs[] = "docs/methods/orewatch.md: a judgement of this suite's authors";
  return {parameters.name,
          parameters.edition,
          {{"weight_concentration", parameters.concentration, "", kOurs},
           {"weight_governance", parameters.governance, "", kOurs},
           {"weight_sourcing", parameters.sourcing, "", kOurs},
           {"weight_stocks", parameters.stocks, "", kOurs},
           {"weight_recycling", parameters.recycling, "", kOurs},
           {"weight_substitution", parameters.substitution, "", kOurs},
           {"sufficient_stock_days", parameters.sufficient_stock_days, "",
            "Japan, rare metals of high geopolitical risk (IEA policy 16639)"}}};
}

Estimate ComponentOf(const Score& score, const std::string& name) {
  for (const Component& component : score.components) {
    if (component.name == name) {
      return component.estimate;
    }
  }
  return {};
}

class CompositeScorer {
 public:
  CompositeScorer(const SeriesView& view, const std::string& importer, const Score& geopolrisk,
                  const CompositeParameters& parameters)
      : view_(view),
        geopolrisk_(geopolrisk),
        parameters_(parameters),
        trade_(view, importer, IntraBloc::kImported),
        shares_(SharesOf(view.production.measure, view.production.PartsIn(trade_.production_year()))) {
    score_.key = {view.id.mineral, view.id.stage, importer, Method::kOrewatch2026};
    score_.reference_year = geopolrisk.reference_year;
    score_.parameters = EchoOf(parameters);
  }
  Score Run();

 private:
  // Of what is the same in both: its reasons and notes, and the figures that it read.
  void TakeOver();
  Estimate Governance();
  Estimate Stocks();
  Estimate ReliefOf(const Relief& relief);

  const SeriesView& view_;
  const Score& geopolrisk_;
  const CompositeParameters& parameters_;
  const ImporterTrade trade_;
  const Shares shares_;
  Score score_;
};

void CompositeScorer::TakeOver() {
  score_.hs6 = geopolrisk_.hs6;
  score_.notes = geopolrisk_.notes;
  for (Input input : geopolrisk_.inputs) {
    // They contribute by way of the dimensions, and this governance is political stability alone.
    input.contribution.reset();
    input.role = absl::StartsWith(input.role, "governance") ? "political_stability" : input.role;
    score_.inputs.push_back(std::move(input));
  }
}

Estimate CompositeScorer::Governance() {
  std::set<std::string> producers;
  const WeightOf risk_of = GovernanceWeight(view_.governance);
  auto mean = ProductionWeighted(shares_, [&](const std::string& country) -> std::optional<Weight> {
    producers.insert(country);
    Weight risk = risk_of(country);
    return Weight{kHundred * risk.value, kHundred * risk.lower, kHundred * risk.upper, risk.imputed};
  });
  AddGovernanceInputs(view_, view_.governance, producers, score_);
  return mean.value_or(Estimate());
}

Estimate CompositeScorer::Stocks() {
  const Score cover = StockCover(view_.world, view_.id.mineral, score_.key.importer);
  score_.inputs.insert(score_.inputs.end(), cover.inputs.begin(), cover.inputs.end());
  Estimate relief = cover.estimate;
  if (!relief.value.has_value()) {
    relief.reasons.clear();
  }
  Scale(1 / parameters_.sufficient_stock_days, relief);
  return RiskWithoutRelief(std::move(relief), "STOCK_UNKNOWN");
}

Estimate CompositeScorer::ReliefOf(const Relief& relief) {
  Estimate estimate;
  const auto figure = ReadRelief(view_, relief, trade_.importer().id, score_, estimate.reasons);
  if (figure.has_value()) {
    // A substitution index says how little can be substituted.
    const double fraction = relief.indicator == Indicator::kSubstitution ? 1 - *figure : *figure;
    estimate = {fraction, fraction, fraction, std::move(estimate.reasons)};
  }
  return RiskWithoutRelief(std::move(estimate), std::string(relief.word) + "_UNKNOWN");
}

Score CompositeScorer::Run() {
  if (!geopolrisk_.estimate.value.has_value()) {
    score_.estimate.reasons = geopolrisk_.estimate.reasons;
    return std::move(score_);
  }
  TakeOver();
  Estimate sourcing = RiskOfFraction(ComponentOf(geopolrisk_, "import_risk"));
  sourcing.reasons = geopolrisk_.estimate.reasons;
  const std::vector<Dimension> dimensions = {
      {"concentration", parameters_.concentration, RiskOfFraction(ComponentOf(geopolrisk_, "hhi"))},
      {"governance", parameters_.governance, Governance()},
      {"sourcing", parameters_.sourcing, std::move(sourcing)},
      {"stocks", parameters_.stocks, Stocks()},
      {"recycling", parameters_.recycling, ReliefOf(kRecyclingRelief)},
      {"substitution", parameters_.substitution, ReliefOf(kSubstitutionRelief)}};
  score_.estimate = CompositeRisk(dimensions);
  if (score_.estimate.value.has_value()) {
    ExplainDimensions(dimensions, score_);
  }
  Finish(view_.world, shares_, score_);
  return std::move(score_);
}

}  // namespace

void ExplainDimensions(const std::vector<Dimension>& dimensions, Score& score) {
  for (const Dimension& dimension : dimensions) {
    score.components.push_back({dimension.name, "0 to 100", dimension.risk});
    Input input;
    input.role = dimension.name;
    input.value = dimension.risk.value;
    input.contribution = ContributionOf(dimension, dimensions);
    score.inputs.push_back(std::move(input));
  }
}

Score CompositeSupplyRisk(const SeriesView& view, const std::string& importer, const Score& geopolrisk,
                          const CompositeParameters& parameters) {
  return CompositeScorer(view, importer, geopolrisk, parameters).Run();
}

}  // namespace orewatch::risk
