#include "services/risk/domain/yale_scorer.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

// Number of orewatch.type.v1.STAGE_MINE.
constexpr StageNumber kMine = 1;
constexpr double kHundred = 100;

Estimate Exactly(double value) { return {value, value, value, {}}; }

ParameterSet EchoOf(const YaleParameters& parameters) {
  constexpr char kPaper[] = "Graedel et al. 2012, Environ. Sci. Technol. 46:1063-1070";
  return {parameters.name,
          parameters.edition,
          {{"depletion_linear", parameters.depletion_linear, "", kPaper},
           {"depletion_quadratic", parameters.depletion_quadratic, "", kPaper},
           {"concentration_slope", parameters.concentration_slope, "", kPaper},
           {"concentration_intercept", parameters.concentration_intercept, "", kPaper}}};
}

class YaleScorer {
 public:
  YaleScorer(const SeriesView& view, const YaleParameters& parameters)
      : view_(view),
        parameters_(parameters),
        year_(view.production.latest_year()),
        shares_(SharesOf(view.production.measure, view.production.PartsIn(year_))) {
    score_.key = {view.id.mineral, view.id.stage, "", Method::kYale2015};
    score_.reference_year = year_;
    score_.parameters = EchoOf(parameters);
  }
  Score Run();

 private:
  // Tonnes of all countries' production in the year that is not withheld; nothing unless the whole is in tonnes.
  std::optional<double> WorldProduction() const;
  std::optional<double> RecyclingRate();
  Estimate Depletion();
  Estimate Companion();
  // Of an indicator of countries, turned into a figure on 0 to 100.
  Estimate OfCountries(Indicator indicator, const char* role, const char* missing, double (*figure)(double));
  Estimate Stability();

  const SeriesView& view_;
  const YaleParameters& parameters_;
  const int year_;
  const Shares shares_;
  Score score_;
};

std::optional<double> YaleScorer::WorldProduction() const {
  double tonnes = 0;
  for (const auto& [country, figure] : view_.production.In(year_)) {
    if (!figure->amount.has_value()) {
      return std::nullopt;
    }
    tonnes += *figure->amount;
  }
  return view_.production.measure == Measure::kTonnes && tonnes > 0 ? std::optional<double>(tonnes) : std::nullopt;
}

std::optional<double> YaleScorer::RecyclingRate() {
  const auto* rate = IndicatorOf(*view_.world.indicators, view_.id.mineral, Indicator::kRecycling, "");
  if (rate == nullptr) {
    return std::nullopt;
  }
  score_.inputs.push_back(IndicatorInput("recycling", *rate));
  return rate->second.value;
}

Estimate YaleScorer::Depletion() {
  Estimate missing = MissingIndicator("INDICATOR_MISSING:DT");
  const auto production = WorldProduction();
  if (view_.id.stage != kMine || !production.has_value()) {
    return missing;
  }
  const ReservesSeries reserves =
      ChooseReserves(*view_.world.reserves, view_.id.mineral, view_.production.key, view_.world.parameters.datasets);
  double tonnes = 0;
  Estimate years;
  for (const auto& [key, figure] : reserves) {
    tonnes += figure->amount.value_or(0);
    if (!figure->amount.has_value()) {
      AddReason(absl::StrCat("RESERVES_UNKNOWN:", key->country), years.reasons);
    }
    Input input = ReservesInput("reserves", *key, *figure);
    score_.inputs.push_back(std::move(input));
  }
  if (tonnes <= 0) {
    return missing;
  }
  const bool reserves_known = years.reasons.empty();
  const auto recycled = RecyclingRate();
  const double net = *production * (1 - recycled.value_or(0));
  if (net <= 0) {
    return missing;
  }
  years.value = tonnes / net;
  years.lower = *years.value;
  // Unknown reserves, and recycling that is unknown, can only lengthen the time.
  if (reserves_known && recycled.has_value()) {
    years.upper = *years.value;
  }
  if (!recycled.has_value()) {
    AddReason("RECYCLING_UNKNOWN", years.reasons);
  }
  return DepletionIndicator(years, parameters_);
}

Estimate YaleScorer::Companion() {
  const auto* fact = IndicatorOf(*view_.world.indicators, view_.id.mineral, Indicator::kCompanionFraction, "");
  if (fact == nullptr) {
    return MissingIndicator("INDICATOR_MISSING:CF");
  }
  score_.inputs.push_back(IndicatorInput("companion_fraction", *fact));
  return Exactly(kHundred * fact->second.value);
}

Estimate YaleScorer::OfCountries(Indicator indicator, const char* role, const char* missing, double (*figure)(double)) {
  std::vector<Input> inputs;
  const auto mean = ProductionWeighted(shares_, [&](const std::string& country) -> std::optional<Weight> {
    const auto* fact = IndicatorOf(*view_.world.indicators, absl::StrCat("countries/", country), indicator, "");
    if (fact == nullptr) {
      return std::nullopt;
    }
    inputs.push_back(IndicatorInput(role, *fact));
    inputs.back().country = country;
    const double on_hundred = figure(fact->second.value);
    return Weight{on_hundred, on_hundred, on_hundred, false};
  });
  if (!mean.has_value()) {
    return MissingIndicator(absl::StrCat("INDICATOR_MISSING:", missing));
  }
  score_.inputs.insert(score_.inputs.end(), inputs.begin(), inputs.end());
  return *mean;
}

Estimate YaleScorer::Stability() {
  std::set<std::string> producers;
  const WeightOf risk_of = GovernanceWeight(view_.stability);
  const auto mean = ProductionWeighted(shares_, [&](const std::string& country) -> std::optional<Weight> {
    producers.insert(country);
    Weight risk = risk_of(country);
    risk.value *= kHundred;
    risk.lower *= kHundred;
    risk.upper *= kHundred;
    return risk;
  });
  AddGovernanceInputs(view_, view_.stability, producers, score_);
  return mean.value_or(MissingIndicator("INDICATOR_MISSING:WGI_PV"));
}

Score YaleScorer::Run() {
  for (const auto& [country, figure] : view_.production.In(year_)) {
    Input input = ProductionInput("production", view_.production, year_, country, *figure);
    input.value = ShareOf(shares_, country);
    score_.inputs.push_back(std::move(input));
  }
  YaleIndicators indicators;
  indicators.depletion = Depletion();
  indicators.companion = Companion();
  indicators.policy = OfCountries(Indicator::kPolicyPotential, "policy_potential", "PPI",
                                  [](double index) { return kHundred - index; });
  indicators.development = OfCountries(Indicator::kHumanDevelopment, "human_development", "HDI",
                                       [](double index) { return kHundred * index; });
  indicators.stability = Stability();
  indicators.concentration = shares_.empty() ? MissingIndicator("INDICATOR_MISSING:GSC")
                                             : ConcentrationIndicator(Herfindahl(shares_), parameters_);
  score_.estimate = YaleSupplyRisk(indicators);
  FlagNewerDatasets(view_.newer_production, score_.estimate.reasons);
  score_.components = {{"depletion_time", "0 to 100", indicators.depletion},
                       {"companion_fraction", "0 to 100", indicators.companion},
                       {"policy_potential", "0 to 100", indicators.policy},
                       {"human_development", "0 to 100", indicators.development},
                       {"political_stability", "0 to 100", indicators.stability},
                       {"supply_concentration", "0 to 100", indicators.concentration}};
  Finish(view_.world, shares_, score_);
  return std::move(score_);
}

}  // namespace

Score YaleSupplyRisk(const SeriesView& view, const YaleParameters& parameters) {
  return YaleScorer(view, parameters).Run();
}

}  // namespace orewatch::risk
