#include "services/risk/domain/series_scorer.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/composite_scorer.h"
#include "services/risk/domain/geopolrisk_scorer.h"
#include "services/risk/domain/hhi.h"
#include "services/risk/domain/supply_risk_scorer.h"
#include "services/risk/domain/usgs_scorer.h"
#include "services/risk/domain/yale_scorer.h"

namespace orewatch::risk {
namespace {

Weight One(const std::string&) { return {1, 1, 1, false}; }

ParameterSet EchoOf(const HhiParameters& parameters) {
  const bool left_out = parameters.other_countries == OtherCountries::kLeftOut;
  return {parameters.name,
          parameters.edition,
          {{"other_countries", std::nullopt, left_out ? "left out" : "infinitely split", ""}}};
}

// On 0 to `kFullConcentration`.
Estimate IndexOf(const Shares& shares, OtherCountries other_countries) {
  if (other_countries == OtherCountries::kInfinitelySplit) {
    return Herfindahl(shares);
  }
  Estimate index = ConcentrationOf(shares, other_countries);
  Scale(kFullConcentration, index);
  return index;
}

std::set<std::string> Named(const Shares& shares) {
  std::set<std::string> countries;
  for (const Share& share : shares.named) {
    countries.insert(share.country);
  }
  return countries;
}

// All flows out of one country, as one figure.
struct Exports {
  std::vector<Part> parts;
  std::map<std::string, Input> inputs;
  std::set<std::string> hs6;
};

Exports ExportsOf(const TradeSeries& trade) {
  Exports exports;
  for (const auto& [key, figure] : trade.In(trade.latest_year())) {
    exports.parts.push_back({key->exporter, figure->amount, figure->withheld, Flow::kExports});
    exports.hs6.insert(key->hs6);
    const auto [at, first] = exports.inputs.emplace(key->exporter, TradeInput("export", *key, *figure));
    if (!first && figure->amount.has_value()) {
      at->second.figure.amount = at->second.figure.amount.value_or(0) + *figure->amount;
    }
  }
  return exports;
}

}  // namespace

SeriesScorer::SeriesScorer(const SeriesView& view) : view_(view), year_(view.production.latest_year()) {
  if (!view_.production.empty()) {
    shares_ = SharesOf(view_.production.measure, view_.production.PartsIn(year_));
  }
}

std::vector<Score> SeriesScorer::Compute() const {
  std::vector<Score> scores;
  if (!view_.production.empty()) {
    scores.push_back(Concentration(view_.world.parameters.hhi));
    scores.push_back(GovernanceConcentration());
    scores.push_back(YaleSupplyRisk(view_, view_.world.parameters.yale));
  }
  if (!view_.trade.empty()) {
    for (const std::string& importer : view_.world.parameters.importers) {
      // Somebody of whom no trade is known is not scored at all, rather than like the world.
      for (Score& score : ScoresOf(importer)) {
        if (score.estimate.value.has_value()) {
          scores.push_back(std::move(score));
        }
      }
    }
  } else {
    for (const std::string& importer : view_.world.parameters.importers) {
      // Who produces is scored without trade.
      if (Score score = SupplyRisk(view_, importer); score.estimate.value.has_value()) {
        scores.push_back(std::move(score));
      }
    }
  }
  return scores;
}

std::vector<Score> SeriesScorer::ScoresOf(const std::string& importer) const {
  const Parameters& parameters = view_.world.parameters;
  return {SupplyRisk(view_, importer), GeoPolRisk(view_, importer, parameters.geopolrisk),
          UsgsSupplyRisk(view_, importer, parameters.usgs), CompositeSupplyRisk(view_, importer, parameters.composite)};
}

Score SeriesScorer::Begin(Method method) const {
  Score score;
  score.key = {view_.id.mineral, view_.id.stage, "", method};
  score.reference_year = year_;
  return score;
}

Score SeriesScorer::BeginIndex(Method method, const HhiParameters& parameters) const {
  Score score = Begin(method);
  score.parameters = EchoOf(parameters);
  if (parameters.other_countries == OtherCountries::kLeftOut) {
    AddReason("OTHERS_LEFT_OUT", score.notes);
  }
  return score;
}

void SeriesScorer::AddProductionInputs(const Shares& shares, const WeightOf& weight_of, Score& score) const {
  for (const auto& [country, figure] : view_.production.In(year_)) {
    Input input = ProductionInput("production", view_.production, year_, country, *figure);
    input.value = ShareOf(shares, country);
    if (input.value.has_value()) {
      input.contribution = kFullConcentration * *input.value * *input.value * weight_of(country).value;
    }
    score.inputs.push_back(std::move(input));
  }
}

Score SeriesScorer::Concentration(const HhiParameters& parameters) const {
  Score score = BeginIndex(Method::kHhi, parameters);
  const Shares counted = CountedShares(shares_, parameters.other_countries);
  score.estimate = IndexOf(shares_, parameters.other_countries);
  Estimate share_of_squares = score.estimate;
  Scale(1 / kFullConcentration, share_of_squares);
  score.components.push_back({"effective_number", "equal suppliers", EffectiveNumber(share_of_squares)});
  for (const int k : {1, 3, 5}) {
    score.components.push_back({absl::StrCat("largest_", k), "0 to 1", LargestShares(counted, k)});
  }
  AddProductionInputs(counted, One, score);
  FlagNewerDatasets(view_.newer_production, score.estimate.reasons);
  Finish(view_.world, counted, score);
  return score;
}

Score SeriesScorer::NormalizedConcentration(int n, const HhiParameters& parameters) const {
  Score score = BeginIndex(Method::kHhiNormalized, parameters);
  score.key.normalization_n = n;
  const Shares counted = CountedShares(shares_, parameters.other_countries);
  const int producers = ProducersIn(shares_);
  score.estimate =
      NormalizedConcentrationOf(ConcentrationOf(shares_, parameters.other_countries), producers, n > 0 ? n : producers);
  AddProductionInputs(counted, One, score);
  for (Input& input : score.inputs) {
    // The constant 1/n belongs to no country.
    input.contribution.reset();
  }
  FlagNewerDatasets(view_.newer_production, score.estimate.reasons);
  Finish(view_.world, counted, score);
  return score;
}

Score SeriesScorer::GovernanceConcentration() const {
  Score score = Begin(Method::kHhiGovernance);
  const WeightOf weight = GovernanceWeight(view_.governance);
  score.estimate = WeightedHerfindahl(shares_, weight, view_.governance.worst());
  Scale(kFullConcentration, score.estimate);
  AddProductionInputs(shares_, weight, score);
  FlagNewerDatasets(view_.newer_production, score.estimate.reasons);
  AddGovernanceInputs(view_, view_.governance, Named(shares_), score);
  Finish(view_.world, shares_, score);
  return score;
}

Score SeriesScorer::GovernanceOfExports() const {
  Score score = Begin(Method::kHhiGovernanceExports);
  score.reference_year = view_.trade.latest_year();
  Exports exports = ExportsOf(view_.trade);
  const Shares shares = SharesOf(Measure::kTonnes, exports.parts);
  const WeightOf weight = GovernanceWeight(view_.governance);
  score.estimate = WeightedHerfindahl(shares, weight, view_.governance.worst());
  Scale(kFullConcentration, score.estimate);
  if (!view_.trade.empty() && !NamesDataset(view_.world.parameters.world_trade_datasets, view_.trade.dataset)) {
    AddReason("EXPORTS_PARTIAL", score.estimate.reasons);
    Unbound(score.estimate);
  }
  for (auto& [country, input] : exports.inputs) {
    input.value = ShareOf(shares, country);
    if (input.value.has_value()) {
      input.contribution = kFullConcentration * *input.value * *input.value * weight(country).value;
    }
    score.inputs.push_back(std::move(input));
  }
  AddGovernanceInputs(view_, view_.governance, Named(shares), score);
  score.hs6.assign(exports.hs6.begin(), exports.hs6.end());
  Finish(view_.world, shares, score);
  return score;
}

}  // namespace orewatch::risk
