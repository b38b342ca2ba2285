#include "services/risk/domain/usgs_scorer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/trade_policy.h"

namespace orewatch::risk {
namespace {

// Everything on 0 to 1.
Estimate Unknown(const char* reason) { return {std::nullopt, 0, 1, {reason}}; }
Estimate Exactly(double value) { return {value, value, value, {}}; }

class UsgsScorer {
 public:
  UsgsScorer(const SeriesView& view, const std::string& importer)
      : view_(view),
        year_(view.production.latest_year()),
        importer_(ViewOf(importer, *view.world.policy, year_)),
        shares_(SharesOf(view.production.measure, view.production.PartsIn(year_))) {
    score_.key = {view.id.mineral, view.id.stage, importer, Method::kUsgs2020};
    score_.reference_year = year_;
  }
  Score Run(const UsgsParameters& parameters);

 private:
  std::optional<double> Read(const std::string& subject, Indicator indicator, const std::string& region,
                             const char* role, const std::string& country);
  SupplierOutlook OutlookOf(const std::string& country);
  void ExplainProduction();

  const SeriesView& view_;
  const int year_;
  const ImporterView importer_;
  const Shares shares_;
  Score score_;
};

std::optional<double> UsgsScorer::Read(const std::string& subject, Indicator indicator, const std::string& region,
                                       const char* role, const std::string& country) {
  const auto* fact = IndicatorOf(*view_.world.indicators, subject, indicator, region);
  if (fact == nullptr) {
    return std::nullopt;
  }
  Input input = IndicatorInput(role, *fact);
  input.country = country;
  // A country is asked about more than once.
  if (std::find(score_.inputs.begin(), score_.inputs.end(), input) == score_.inputs.end()) {
    score_.inputs.push_back(std::move(input));
  }
  return fact->second.value;
}

SupplierOutlook UsgsScorer::OutlookOf(const std::string& country) {
  const std::string name = absl::StrCat("countries/", country);
  return {Read(name, Indicator::kAbilityToSupply, "", "ability_to_supply", country),
          Read(name, Indicator::kWillingnessToSupply, importer_.id, "willingness_to_supply", country)};
}

void UsgsScorer::ExplainProduction() {
  for (const auto& [country, figure] : view_.production.In(year_)) {
    Input input = ProductionInput("production", view_.production, year_, country, *figure);
    input.value = ShareOf(shares_, country);
    score_.inputs.push_back(std::move(input));
  }
}

Score UsgsScorer::Run(const UsgsParameters& parameters) {
  const bool larger = parameters.likelihood == Likelihood::kLarger;
  score_.parameters = {
      parameters.name,
      parameters.edition,
      {{"likelihood", std::nullopt, larger ? "larger" : "product", "assumed: the source leaves it open"}}};
  ExplainProduction();
  Estimate disruption = DisruptionPotential(
      shares_, importer_.members, [this](const std::string& country) { return OutlookOf(country); },
      parameters.likelihood);
  if (shares_.empty()) {
    disruption.upper = 1;
  }
  const auto reliance =
      Read(view_.id.mineral, Indicator::kNetImportReliance, importer_.id, "net_import_reliance", importer_.id);
  const Estimate exposure =
      reliance.has_value() ? Exactly(std::clamp(*reliance, 0.0, 1.0)) : Unknown("TRADE_EXPOSURE_UNKNOWN");
  const auto harm =
      Read(view_.id.mineral, Indicator::kEconomicVulnerability, importer_.id, "economic_vulnerability", importer_.id);
  const Estimate vulnerability = harm.has_value() ? Exactly(*harm) : Unknown("ECONOMIC_VULNERABILITY_UNKNOWN");
  score_.estimate = GeometricMean(disruption, exposure, vulnerability);
  FlagNewerDatasets(view_.newer_production, score_.estimate.reasons);
  score_.components = {{"disruption_potential", "0 to 1", disruption},
                       {"trade_exposure", "0 to 1", exposure},
                       {"economic_vulnerability", "0 to 1", vulnerability}};
  Finish(view_.world, shares_, score_);
  return std::move(score_);
}

}  // namespace

Score UsgsSupplyRisk(const SeriesView& view, const std::string& importer, const UsgsParameters& parameters) {
  return UsgsScorer(view, importer).Run(parameters);
}

}  // namespace orewatch::risk
