#include "services/risk/domain/geopolrisk_scorer.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace orewatch::risk {
namespace {

constexpr char kLibrary[] = "geopolrisk-py, JOSS doi:10.21105/joss.09600";

ParameterSet EchoOf(const GeoPolRiskParameters& parameters) {
  const bool left_out = parameters.other_countries == OtherCountries::kLeftOut;
  ParameterSet echo{parameters.name, parameters.edition, {}};
  echo.parameters = {{"imputed_governance", parameters.imputed_governance, "", kLibrary},
                     {"copper_midpoint_usd_per_kg", parameters.copper_midpoint, "", kLibrary},
                     {"other_countries", std::nullopt, left_out ? "left out" : "infinitely split", ""}};
  for (const std::string& code : parameters.hs6) {
    echo.parameters.push_back({"hs6", std::nullopt, code, ""});
  }
  return echo;
}

// Fills one score in; what is imported comes first.
class GeoPolRiskScorer {
 public:
  GeoPolRiskScorer(const SeriesView& view, const GeoPolRiskParameters& parameters)
      : view_(view), parameters_(parameters), stability_(view.stability.Imputing(parameters.imputed_governance)) {
    score_.key = {view.id.mineral, view.id.stage, "", Method::kGeoPolRisk2024};
    score_.parameters = EchoOf(parameters_);
  }
  Score OfImporter(const std::string& importer, IntraBloc intra);
  Score OfPurchases(const std::vector<Purchase>& purchases);

 private:
  void ReadImports(const ImporterTrade& trade, bool bloc);
  void ReadOwnOutput(const ImporterTrade& trade);
  // The importer's rows of output, as inputs; whether any of them has a member's name is in `named`.
  void ReadOwnRows(const ImporterTrade& trade, bool comparable, std::set<std::string>& named);
  void AddImport(Input row, std::optional<double> value_usd, const Weight& risk);
  Score Finished(int production_year);
  void Explain(int production_year, const GeoPolRiskResult& result);
  void NotePrice(const GeoPolRiskResult& result);

  const SeriesView& view_;
  const GeoPolRiskParameters& parameters_;
  const GovernanceScale stability_;
  Score score_;
  Reasons reasons_;
  GeoPolRiskInputs inputs_;
  // Those of `inputs_.imports`, in its order.
  std::vector<Input> rows_;
  std::set<std::string> hs6_;
};

void GeoPolRiskScorer::AddImport(Input row, std::optional<double> value_usd, const Weight& risk) {
  inputs_.imports.push_back({row.country, row.figure.amount, value_usd, risk});
  row.figure.value_usd = value_usd;
  rows_.push_back(std::move(row));
}

void GeoPolRiskScorer::ReadImports(const ImporterTrade& trade, bool bloc) {
  const WeightOf risk_of = GovernanceWeight(stability_);
  for (const auto& [key, figure] : trade.rows()) {
    if (!trade.IsImport(*key)) {
      continue;
    }
    const bool member = bloc && trade.importer().members.count(key->exporter) > 0;
    AddImport(TradeInput(member ? "import_within" : "import", *key, *figure), figure->value_usd,
              member ? Weight{} : risk_of(key->exporter));
    hs6_.insert(key->hs6);
    if (!member && figure->amount.value_or(0) > 0) {
      trade.NoteReexporter(key->exporter, score_.notes);
    }
  }
}

void GeoPolRiskScorer::ReadOwnRows(const ImporterTrade& trade, bool comparable, std::set<std::string>& named) {
  for (const auto& [country, figure] : view_.production.In(trade.production_year())) {
    if (trade.importer().members.count(country) == 0) {
      continue;
    }
    named.insert(country);
    if (figure->amount == 0.0) {
      continue;
    }
    if (comparable && figure->amount.has_value()) {
      inputs_.own_output.known += *figure->amount;
    } else {
      inputs_.own_output.upper.reset();
      // Only who produces has anything to compare.
      trade.Comparable(reasons_);
    }
    score_.inputs.push_back(
        ProductionInput("domestic_production", view_.production, trade.production_year(), country, *figure));
  }
}

void GeoPolRiskScorer::ReadOwnOutput(const ImporterTrade& trade) {
  Reasons unlike;
  const bool comparable = trade.Comparable(unlike);
  std::set<std::string> named;
  ReadOwnRows(trade, comparable, named);
  double other = 0;
  for (const auto& [country, figure] : view_.production.In(trade.production_year())) {
    other += country == kOtherCountries ? figure->amount.value_or(0) : 0;
  }
  const bool may_be_other = named.size() < trade.importer().members.size() && inputs_.world_production.other > 0;
  if (may_be_other && !comparable) {
    inputs_.own_output.upper.reset();
  }
  if (inputs_.own_output.upper.has_value()) {
    inputs_.own_output.upper = inputs_.own_output.known + (may_be_other ? other : 0);
  }
}

void GeoPolRiskScorer::NotePrice(const GeoPolRiskResult& result) {
  const bool partial = std::any_of(inputs_.imports.begin(), inputs_.imports.end(), [](const Supply& supply) {
    return !supply.tonnes.has_value() || !supply.value_usd.has_value();
  });
  if (!result.price.has_value()) {
    AddReason("PRICE_UNKNOWN", score_.notes);
  } else if (partial) {
    AddReason("PRICE_PARTIAL", score_.notes);
  }
}

void GeoPolRiskScorer::Explain(int production_year, const GeoPolRiskResult& result) {
  double supply = inputs_.own_output.known;
  for (const Supply& import : inputs_.imports) {
    supply += import.tonnes.value_or(0);
  }
  std::set<std::string> weighed;
  for (size_t i = 0; i < rows_.size(); ++i) {
    const Supply& import = inputs_.imports[i];
    if (import.tonnes.has_value() && supply > 0) {
      rows_[i].value = *import.tonnes / supply;
      if (result.hhi.value.has_value()) {
        rows_[i].contribution = *result.hhi.value * *rows_[i].value * import.risk.value;
      }
    }
    if (rows_[i].role == "import") {
      weighed.insert(import.country);
    }
    score_.inputs.push_back(std::move(rows_[i]));
  }
  for (const auto& [country, figure] : view_.production.In(production_year)) {
    Input input = ProductionInput("production", view_.production, production_year, country, *figure);
    input.value = ShareOf(inputs_.world_production, country);
    score_.inputs.push_back(std::move(input));
  }
  AddGovernanceInputs(view_, stability_, weighed, score_);
}

Score GeoPolRiskScorer::Finished(int production_year) {
  const GeoPolRiskResult result = GeoPolRiskOf(inputs_, parameters_);
  score_.estimate = result.score;
  for (const std::string& reason : reasons_) {
    AddReason(reason, score_.estimate.reasons);
  }
  const double price = result.price.value_or(0);
  const Estimate price_known{result.price, price, result.price, {}};
  score_.components = {{"hhi", "0 to 1", result.hhi},
                       {"import_risk", "0 to 1", result.import_risk},
                       {"price", "USD/kg", price_known},
                       {"midpoint", "USD/kg", result.midpoint},
                       {"characterisation_factor", "kg Cu-eq/kg", result.factor}};
  if (parameters_.other_countries == OtherCountries::kLeftOut) {
    AddReason("OTHERS_LEFT_OUT", score_.notes);
  }
  if (score_.estimate.value.has_value()) {
    NotePrice(result);
  }
  score_.hs6.assign(hs6_.begin(), hs6_.end());
  Explain(production_year, result);
  Finish(view_.world, inputs_.world_production, score_);
  return std::move(score_);
}

Score GeoPolRiskScorer::OfImporter(const std::string& importer, IntraBloc intra) {
  const ImporterTrade trade(view_, importer, intra, {parameters_.hs6.begin(), parameters_.hs6.end()});
  score_.key.importer = importer;
  score_.reference_year = trade.reference_year();
  ReadImports(trade, trade.importer().is_bloc);
  if (rows_.empty()) {
    // Without trade there is no year in which to ask who is a member.
    const bool nobody = trade.importer().members.empty() && !view_.trade.empty();
    AddReason(nobody ? "NO_MEMBERS" : "NO_TRADE", score_.estimate.reasons);
    return std::move(score_);
  }
  inputs_.world_production = SharesOf(view_.production.measure, view_.production.PartsIn(trade.production_year()));
  ReadOwnOutput(trade);
  inputs_.imports_are_partial = trade.FlagForms(hs6_, reasons_);
  if (trade.importer().is_bloc &&
      std::all_of(rows_.begin(), rows_.end(), [](const Input& row) { return row.role == "import_within"; })) {
    // That nothing comes from outside is more than is known.
    AddReason("NO_TRADE_FROM_OUTSIDE", reasons_);
    inputs_.imports_are_partial = true;
  }
  trade.FlagNewer(reasons_);
  return Finished(trade.production_year());
}

Score GeoPolRiskScorer::OfPurchases(const std::vector<Purchase>& purchases) {
  const WeightOf risk_of = GovernanceWeight(stability_);
  const int year = view_.production.latest_year();
  score_.reference_year = year;
  for (const Purchase& purchase : purchases) {
    Input row;
    row.role = "import";
    row.country = purchase.country;
    row.figure.amount = purchase.tonnes;
    AddImport(std::move(row), purchase.value_usd, risk_of(purchase.country));
  }
  inputs_.world_production = SharesOf(view_.production.measure, view_.production.PartsIn(year));
  FlagNewerDatasets(view_.newer_production, reasons_);
  return Finished(year);
}

}  // namespace

Score GeoPolRisk(const SeriesView& view, const std::string& importer, const GeoPolRiskParameters& parameters,
                 IntraBloc intra) {
  return GeoPolRiskScorer(view, parameters).OfImporter(importer, intra);
}

Score GeoPolRiskOfPurchases(const SeriesView& view, const std::vector<Purchase>& purchases,
                            const GeoPolRiskParameters& parameters) {
  return GeoPolRiskScorer(view, parameters).OfPurchases(purchases);
}

}  // namespace orewatch::risk
