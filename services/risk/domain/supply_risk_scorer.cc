#include "services/risk/domain/supply_risk_scorer.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/eu_supply_risk.h"
#include "services/risk/domain/importer_trade.h"
#include "services/risk/domain/reliefs.h"
#include "services/risk/domain/trade_policy.h"

namespace orewatch::risk {
namespace {

ParameterSet EchoOf(const Parameters& parameters) {
  constexpr char kGrid[] = "the suite's, within the ranges of the European Commission's guidelines, 2017";
  const TradeFactors& factors = parameters.trade_factors;
  return {"eu-criticality-2017",
          "1",
          {{"t_member", factors.member, "", kGrid},
           {"t_agreement", factors.agreement, "", kGrid},
           {"t_none", factors.none, "", kGrid},
           {"t_export_tax", factors.export_tax, "", kGrid},
           {"t_licence", factors.licence, "", kGrid},
           {"t_quota", factors.quota, "", kGrid},
           {"t_ban", factors.ban, "", kGrid},
           {"imputed_governance", parameters.imputed_governance, "", "the suite's: the middle of the scale"}}};
}

class SupplyRiskScorer {
 public:
  SupplyRiskScorer(const SeriesView& view, const std::string& importer);
  Score Run();

 private:
  void ReadTrade();
  void ReadDomesticProduction();
  void ReadReliefs();
  Relation RelationWith(const std::string& exporter) const;
  void Flag(std::string reason) { AddReason(std::move(reason), reasons_); }
  void NoteReexporters();
  // What each row, and each thing that weighs it, contributed.
  void Explain(const WeightOf& weight_of);
  void ExplainGlobalSupply(double factor, const WeightOf& weight_of);
  void ExplainSourcing(double factor, const WeightOf& weight_of);
  void ExplainWeights();

  const SeriesView& view_;
  const World& world_;
  const ImporterTrade trade_;
  Score score_;
  Reasons reasons_;
  SupplyRiskInputs inputs_;
  std::vector<Part> parts_;
  // Rows of sourcing, in the order of the block.
  std::vector<Input> rows_;
  TradedForms forms_;
  double imports_ = 0;
  double exports_ = 0;
  double domestic_ = 0;
  // Every amount that import reliance needs is there.
  bool amounts_known_ = true;
  // The importer buys forms that are not among the rows, of unknown size and origin.
  bool sourcing_is_partial_ = false;
};

SupplyRiskScorer::SupplyRiskScorer(const SeriesView& view, const std::string& importer)
    : view_(view), world_(view.world), trade_(view, importer, IntraBloc::kLeftOut) {
  score_.key = {view.id.mineral, view.id.stage, importer, Method::kEuSupplyRisk2017};
  score_.reference_year = trade_.reference_year();
  score_.parameters = EchoOf(world_.parameters);
  forms_.series = view.id;
}

void SupplyRiskScorer::ReadTrade() {
  for (const auto& [key, figure] : trade_.rows()) {
    if (!trade_.Counts(*key)) {
      continue;
    }
    amounts_known_ = amounts_known_ && figure->amount.has_value();
    if (!trade_.IsImport(*key)) {
      exports_ += figure->amount.value_or(0);
      continue;
    }
    imports_ += figure->amount.value_or(0);
    forms_.hs6.insert(key->hs6);
    forms_.products.insert(key->product);
    parts_.push_back({key->exporter, figure->amount, figure->withheld, Flow::kImports});
    rows_.push_back(TradeInput("import", *key, *figure));
  }
}

void SupplyRiskScorer::ReadDomesticProduction() {
  if (view_.production.empty()) {
    return;
  }
  const bool comparable = trade_.Comparable(reasons_);
  for (const auto& [country, figure] : view_.production.In(trade_.production_year())) {
    if (trade_.importer().members.count(country) == 0 || figure->amount == 0.0) {
      continue;
    }
    const auto amount = comparable ? figure->amount : std::nullopt;
    amounts_known_ = amounts_known_ && amount.has_value();
    domestic_ += amount.value_or(0);
    parts_.push_back({country, amount, figure->withheld});
    rows_.push_back(
        ProductionInput("domestic_production", view_.production, trade_.production_year(), country, *figure));
  }
  if (comparable && amounts_known_ && trade_.common_year() != 0) {
    inputs_.import_reliance = ImportReliance(domestic_, imports_, exports_);
  }
}

void SupplyRiskScorer::ReadReliefs() {
  inputs_.recycling_rate = ReadRelief(view_, kRecyclingRelief, trade_.importer().id, score_, reasons_);
  inputs_.substitution_index = ReadRelief(view_, kSubstitutionRelief, trade_.importer().id, score_, reasons_);
}

Relation SupplyRiskScorer::RelationWith(const std::string& exporter) const {
  return RelationOf(exporter, trade_.importer(), forms_, *world_.policy, world_.parameters.trade_factors);
}

void SupplyRiskScorer::NoteReexporters() {
  for (const Part& part : parts_) {
    if (part.amount.value_or(0) > 0) {
      trade_.NoteReexporter(part.country, score_.notes);
    }
  }
}

void SupplyRiskScorer::ExplainGlobalSupply(double factor, const WeightOf& weight_of) {
  for (const auto& [country, figure] : view_.production.In(trade_.production_year())) {
    Input input = ProductionInput("production", view_.production, trade_.production_year(), country, *figure);
    input.value = ShareOf(*inputs_.global_supply, country);
    if (input.value.has_value()) {
      input.contribution = factor * *input.value * *input.value * weight_of(country).value;
    }
    score_.inputs.push_back(std::move(input));
  }
}

void SupplyRiskScorer::ExplainSourcing(double factor, const WeightOf& weight_of) {
  std::map<std::string, double> totals;
  for (const Part& part : parts_) {
    totals[part.country] += part.amount.value_or(0);
  }
  for (Input& input : rows_) {
    const auto share = ShareOf(*inputs_.sourcing, input.country);
    const double total = totals[input.country];
    if (share.has_value() && input.figure.amount.has_value() && total > 0) {
      // A country's square belongs to its rows by their amounts.
      input.value = *share * (*input.figure.amount / total);
      input.contribution = factor * *share * *input.value * weight_of(input.country).value;
    }
    score_.inputs.push_back(std::move(input));
  }
}

void SupplyRiskScorer::ExplainWeights() {
  std::set<std::string> countries;
  for (const auto* half : {&inputs_.global_supply, &inputs_.sourcing}) {
    if (half->has_value()) {
      for (const Share& share : (*half)->named) {
        countries.insert(share.country);
      }
    }
  }
  AddGovernanceInputs(view_, view_.governance_of_ten, countries, score_);
  for (const std::string& country : countries) {
    const Relation relation = RelationWith(country);
    if (relation.kind == TradeRelation::kNone) {
      continue;
    }
    Input input;
    input.role = relation.because.empty() ? "member" : relation.because;
    input.country = country;
    input.value = world_.parameters.trade_factors.Of(relation.kind);
    input.figure.provenance = ProvenanceOf(*world_.policy, relation.because);
    score_.inputs.push_back(std::move(input));
  }
  if (inputs_.import_reliance.has_value()) {
    Input input;
    input.role = "import_reliance";
    input.value = inputs_.import_reliance;
    score_.inputs.push_back(std::move(input));
  }
}

void SupplyRiskScorer::Explain(const WeightOf& weight_of) {
  const HalfFactors factors = HalfFactorsOf(inputs_);
  if (inputs_.global_supply.has_value()) {
    ExplainGlobalSupply(factors.global, weight_of);
  }
  ExplainSourcing(factors.sourcing, weight_of);
  ExplainWeights();
}

Score SupplyRiskScorer::Run() {
  ReadTrade();
  if (rows_.empty()) {
    // Without trade there is no year in which to ask who is a member.
    const bool nobody = trade_.importer().members.empty() && !view_.trade.empty();
    AddReason(nobody ? "NO_MEMBERS" : "NO_TRADE", score_.estimate.reasons);
    return std::move(score_);
  }
  ReadDomesticProduction();
  ReadReliefs();
  sourcing_is_partial_ = trade_.FlagForms(forms_.hs6, reasons_);
  trade_.FlagNewer(reasons_);
  NoteReexporters();
  if (!view_.production.empty()) {
    inputs_.global_supply = SharesOf(view_.production.measure, view_.production.PartsIn(trade_.production_year()));
  }
  inputs_.sourcing = SharesOf(Measure::kTonnes, parts_);
  const TradeFactors& factors = world_.parameters.trade_factors;
  const auto relation_of = [this](const std::string& country) { return RelationWith(country).kind; };
  score_.estimate = EuSupplyRisk(inputs_, view_.governance_of_ten, factors, relation_of);
  if (view_.production.empty()) {
    Flag("DOMESTIC_PRODUCTION_UNKNOWN");
  }
  if (sourcing_is_partial_ || view_.production.empty()) {
    Unbound(score_.estimate);
  }
  for (const std::string& reason : reasons_) {
    AddReason(reason, score_.estimate.reasons);
  }
  score_.hs6.assign(forms_.hs6.begin(), forms_.hs6.end());
  Explain(GovernanceAndTradeWeight(view_.governance_of_ten, factors, relation_of));
  Finish(world_, inputs_.global_supply.has_value() ? *inputs_.global_supply : *inputs_.sourcing, score_);
  return std::move(score_);
}

}  // namespace

Score SupplyRisk(const SeriesView& view, const std::string& importer) { return SupplyRiskScorer(view, importer).Run(); }

}  // namespace orewatch::risk
