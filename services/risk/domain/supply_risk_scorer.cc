#include "services/risk/domain/supply_risk_scorer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/eu_supply_risk.h"
#include "services/risk/domain/trade_policy.h"

namespace orewatch::risk {
namespace {

// Number of orewatch.type.v1.BASIS_GROSS.
constexpr BasisNumber kGross = 1;

// Of the first that has one.
int LatestYear(const TradeSeries& own, const TradeSeries& anybodys) {
  return own.empty() ? anybodys.latest_year() : own.latest_year();
}

// The flows over the border of an importer, of a bloc as it was in the latest year of trade.
TradeSeries TradeAcross(const SeriesView& view, const std::string& importer) {
  const auto block = view.world.blocks.find(view.id);
  if (block == view.world.blocks.end()) {
    return {};
  }
  const std::set<std::string> members = ViewOf(importer, *view.world.policy, view.trade.latest_year()).members;
  return ChooseTrade(block->second->trade, view.world.parameters.trade_datasets, view.production.key.basis,
                     [&](const TradeKey& key) { return members.count(key.importer) != members.count(key.exporter); });
}

class SupplyRiskScorer {
 public:
  SupplyRiskScorer(const SeriesView& view, const std::string& importer);
  Score Run();

 private:
  void ReadTrade();
  void ReadDomesticProduction();
  // Production and trade count the same thing.
  bool Comparable();
  void ReadReliefs();
  Relation RelationWith(const std::string& exporter) const;
  void Flag(std::string reason) { AddReason(std::move(reason), reasons_); }
  // Into the importer or out of it; trade within it moves nothing.
  bool Crosses(const TradeKey& key) const;
  bool IsImport(const TradeKey& key) const;
  // A row of the year on another basis than the series that is read.
  bool LeftOut(const TradeKey& key) const;
  // HS codes of the importer's rows of the year in the chosen dataset: those used, and those of the other stages.
  std::set<std::string> CodesAtHand() const;
  void FlagForms();
  void FlagNewer();
  void NoteReexporters();
  // What each row, and each thing that weighs it, contributed.
  void Explain(const WeightOf& weight_of);
  void ExplainGlobalSupply(double factor, const WeightOf& weight_of);
  void ExplainSourcing(double factor, const WeightOf& weight_of);
  void ExplainWeights();

  const SeriesView& view_;
  const World& world_;
  // What crosses the importer's border.
  const TradeSeries trade_;
  const int common_year_;
  const int production_year_;
  const int trade_year_;
  const ImporterView importer_;
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
    : view_(view),
      world_(view.world),
      trade_(TradeAcross(view, importer)),
      common_year_(LatestCommonYear(view.production, trade_)),
      production_year_(common_year_ != 0 ? common_year_ : view.production.latest_year()),
      trade_year_(common_year_ != 0 ? common_year_ : LatestYear(trade_, view.trade)),
      importer_(ViewOf(importer, *world_.policy, trade_year_)) {
  score_.key = {view.id.mineral, view.id.stage, importer, Method::kEuSupplyRisk2017};
  score_.reference_year = trade_year_ != 0 ? trade_year_ : production_year_;
  forms_.series = view.id;
}

bool SupplyRiskScorer::Crosses(const TradeKey& key) const {
  return importer_.members.count(key.importer) != importer_.members.count(key.exporter);
}

bool SupplyRiskScorer::IsImport(const TradeKey& key) const {
  return importer_.members.count(key.importer) > 0 && importer_.members.count(key.exporter) == 0;
}

void SupplyRiskScorer::ReadTrade() {
  for (const auto& [key, figure] : trade_.In(trade_year_)) {
    if (!Crosses(*key)) {
      continue;
    }
    amounts_known_ = amounts_known_ && figure->amount.has_value();
    if (!IsImport(*key)) {
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

bool SupplyRiskScorer::Comparable() {
  if (view_.production.measure != Measure::kTonnes || view_.production.key.basis != trade_.basis) {
    Flag("BASIS_MISMATCH");
    return false;
  }
  for (const auto& [key, figure] : trade_.In(trade_year_)) {
    if (Crosses(*key) && key->scope != view_.production.key.scope) {
      Flag("SCOPE_MISMATCH");
      return false;
    }
  }
  return true;
}

void SupplyRiskScorer::ReadDomesticProduction() {
  if (view_.production.empty()) {
    return;
  }
  const bool comparable = Comparable();
  for (const auto& [country, figure] : view_.production.In(production_year_)) {
    if (importer_.members.count(country) == 0 || figure->amount == 0.0) {
      continue;
    }
    const auto amount = comparable ? figure->amount : std::nullopt;
    amounts_known_ = amounts_known_ && amount.has_value();
    domestic_ += amount.value_or(0);
    parts_.push_back({country, amount, figure->withheld});
    rows_.push_back(ProductionInput("domestic_production", view_.production, production_year_, country, *figure));
  }
  if (comparable && amounts_known_ && common_year_ != 0) {
    inputs_.import_reliance = ImportReliance(domestic_, imports_, exports_);
  }
}

void SupplyRiskScorer::ReadReliefs() {
  const auto read = [&](Relief relief, const char* role, absl::string_view word) -> std::optional<double> {
    const auto* fact = NearestRelief(*world_.reliefs, view_.id.mineral, relief, importer_.id);
    if (fact == nullptr) {
      return std::nullopt;
    }
    if (!fact->first.region.empty() && fact->first.region != importer_.id) {
      Flag(absl::StrCat(word, "_REGION:", fact->first.region));
    }
    Input input;
    input.role = role;
    input.country = fact->first.region;
    input.value = fact->second.value;
    input.year = fact->first.year;
    input.dataset = fact->first.dataset;
    input.figure.provenance = fact->second.provenance;
    score_.inputs.push_back(std::move(input));
    NoteYear(absl::StrCat(word, "_YEAR:"), fact->first.year, score_);
    return fact->second.value;
  };
  inputs_.recycling_rate = read(Relief::kRecycling, "recycling", "RECYCLING");
  inputs_.substitution_index = read(Relief::kSubstitution, "substitution", "SUBSTITUTION");
}

Relation SupplyRiskScorer::RelationWith(const std::string& exporter) const {
  return RelationOf(exporter, importer_, forms_, *world_.policy, world_.parameters.trade_factors);
}

std::set<std::string> SupplyRiskScorer::CodesAtHand() const {
  std::set<std::string> codes = forms_.hs6;
  for (auto it = world_.blocks.lower_bound({view_.id.mineral, 0});
       it != world_.blocks.end() && it->first.mineral == view_.id.mineral; ++it) {
    for (const auto& [key, figure] : it->second->trade) {
      if (it->first != view_.id && key.dataset == trade_.dataset && key.year == trade_year_ && IsImport(key)) {
        codes.insert(key.hs6);
      }
    }
  }
  return codes;
}

bool SupplyRiskScorer::LeftOut(const TradeKey& key) const {
  return key.dataset == trade_.dataset && key.year == trade_year_ && key.basis != trade_.basis && IsImport(key);
}

void SupplyRiskScorer::FlagForms() {
  const auto& trade = world_.blocks.at(view_.id)->trade;
  if (std::any_of(trade.begin(), trade.end(), [this](const auto& row) { return LeftOut(row.first); })) {
    Flag("OTHER_BASIS_LEFT_OUT");
    sourcing_is_partial_ = true;
  }
  if (trade_.basis == kGross && forms_.hs6.size() > 1) {
    Flag("FORMS_ADDED");
  }
  if (common_year_ == 0 && !view_.production.empty()) {
    Flag("YEARS_DIFFER");
  }
  for (const std::string& form : MissingForms(world_.parameters.main_forms, view_.id, CodesAtHand())) {
    Flag(absl::StrCat("MAIN_FORM_MISSING:", form));
    sourcing_is_partial_ = true;
  }
}

void SupplyRiskScorer::NoteReexporters() {
  std::set<std::string> producers = {kOtherCountries};
  for (const auto& [country, figure] : view_.production.In(production_year_)) {
    // An unknown amount may be any.
    if (figure->amount != 0.0) {
      producers.insert(country);
    }
  }
  for (const Part& part : parts_) {
    if (!view_.production.empty() && part.amount.value_or(0) > 0 && producers.count(part.country) == 0) {
      AddReason(absl::StrCat("POSSIBLE_REEXPORT:", part.country), score_.notes);
    }
  }
}

void SupplyRiskScorer::FlagNewer() {
  FlagNewerDatasets(view_.newer_production, reasons_);
  FlagNewerDatasets(NewerDatasets(world_.blocks.at(view_.id)->trade, trade_.dataset, trade_.latest_year(),
                                  [this](const TradeKey& key) { return IsImport(key); }),
                    reasons_);
}

void SupplyRiskScorer::ExplainGlobalSupply(double factor, const WeightOf& weight_of) {
  for (const auto& [country, figure] : view_.production.In(production_year_)) {
    Input input = ProductionInput("production", view_.production, production_year_, country, *figure);
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
    const bool nobody = importer_.members.empty() && !view_.trade.empty();
    AddReason(nobody ? "NO_MEMBERS" : "NO_TRADE", score_.estimate.reasons);
    return std::move(score_);
  }
  ReadDomesticProduction();
  ReadReliefs();
  FlagForms();
  FlagNewer();
  NoteReexporters();
  if (!view_.production.empty()) {
    inputs_.global_supply = SharesOf(view_.production.measure, view_.production.PartsIn(production_year_));
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
