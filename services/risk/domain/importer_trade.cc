#include "services/risk/domain/importer_trade.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

// Number of orewatch.type.v1.BASIS_GROSS.
constexpr BasisNumber kGross = 1;
// Of the imports. Trade has no rows of nothing: flows that came to less than this together may have stopped; of more,
// the rows may be still to come.
constexpr double kTooMuchToVanish = 0.1;
constexpr double kWorthNaming = 0.01;

// Of the first that has one.
int LatestYear(const TradeSeries& own, const TradeSeries& anybodys) {
  return own.empty() ? anybodys.latest_year() : own.latest_year();
}

// Whose output is known not to be zero, or may be.
std::set<std::string> ProducersIn(const ProductionSeries& production, int year) {
  std::set<std::string> producers = {kOtherCountries};
  for (const auto& [country, figure] : production.In(year)) {
    if (figure->amount != 0.0) {
      producers.insert(country);
    }
  }
  return producers;
}

}  // namespace

ImporterTrade::ImporterTrade(const SeriesView& view, const std::string& importer, IntraBloc intra,
                             const std::set<std::string>& hs6)
    : view_(view),
      intra_(intra),
      hs6_(hs6),
      series_(Choose(importer)),
      common_year_(LatestCommonYear(view.production, series_)),
      production_year_(common_year_ != 0 ? common_year_ : view.production.latest_year()),
      year_(common_year_ != 0 ? common_year_ : LatestYear(series_, view.trade)),
      importer_(ViewOf(importer, *view.world.policy, year_)),
      producers_(ProducersIn(view.production, production_year_)) {}

bool ImporterTrade::Counts(const TradeKey& key, const ImporterView& importer) const {
  const bool in = importer.members.count(key.importer) > 0;
  const bool from_within = importer.members.count(key.exporter) > 0;
  return (hs6_.empty() || hs6_.count(key.hs6) > 0) && (intra_ == IntraBloc::kImported ? in : in != from_within);
}

// Of a bloc as it was in the latest year of trade.
TradeSeries ImporterTrade::Choose(const std::string& importer) const {
  const auto block = view_.world.blocks.find(view_.id);
  if (block == view_.world.blocks.end()) {
    return {};
  }
  const ImporterView latest = ViewOf(importer, *view_.world.policy, view_.trade.latest_year());
  return ChooseTrade(block->second->trade, view_.world.parameters.trade_datasets, view_.production.key.basis,
                     [&](const TradeKey& key) { return Counts(key, latest); });
}

bool ImporterTrade::IsImport(const TradeKey& key) const {
  return Counts(key) && importer_.members.count(key.importer) > 0;
}

bool ImporterTrade::Comparable(Reasons& reasons) const {
  if (view_.production.measure != Measure::kTonnes || view_.production.key.basis != series_.basis) {
    AddReason("BASIS_MISMATCH", reasons);
    return false;
  }
  for (const auto& [key, figure] : rows()) {
    if (Counts(*key) && key->scope != view_.production.key.scope) {
      AddReason("SCOPE_MISMATCH", reasons);
      return false;
    }
  }
  return true;
}

bool ImporterTrade::LeftOut(const TradeKey& key) const {
  return key.dataset == series_.dataset && key.year == year_ && key.basis != series_.basis && IsImport(key);
}

std::set<std::string> ImporterTrade::CodesAtHand(const std::set<std::string>& used) const {
  std::set<std::string> codes = used;
  const auto& blocks = view_.world.blocks;
  for (auto it = blocks.lower_bound({view_.id.mineral, 0}); it != blocks.end() && it->first.mineral == view_.id.mineral;
       ++it) {
    for (const auto& [key, figure] : it->second->trade) {
      if (it->first != view_.id && key.dataset == series_.dataset && key.year == year_ && IsImport(key)) {
        codes.insert(key.hs6);
      }
    }
  }
  return codes;
}

std::set<std::string> ImporterTrade::Untold() const {
  const auto year = series_.years.find(year_);
  if (year == series_.years.end() || year == series_.years.begin()) {
    return {};
  }
  using FlowId = std::tuple<std::string, std::string, std::string>;
  const auto flow_of = [](const TradeKey& key) { return FlowId(key.exporter, key.importer, key.hs6); };
  std::map<FlowId, double> vanished;
  double whole = 0;
  for (const auto& [key, figure] : std::prev(year)->second) {
    if (IsImport(*key)) {
      vanished[flow_of(*key)] = figure->amount.value_or(0);
      whole += figure->amount.value_or(0);
    }
  }
  for (const auto& [key, figure] : year->second) {
    vanished.erase(flow_of(*key));
  }
  double together = 0;
  std::map<std::string, double> of_exporters;
  for (const auto& [flow, tonnes] : vanished) {
    together += tonnes;
    of_exporters[std::get<0>(flow)] += tonnes;
  }
  if (whole <= 0 || together < kTooMuchToVanish * whole) {
    return {};
  }
  std::set<std::string> untold;
  for (const auto& [exporter, tonnes] : of_exporters) {
    untold.insert(tonnes >= kWorthNaming * whole ? exporter : kOtherCountries);
  }
  return untold;
}

bool ImporterTrade::FlagForms(const std::set<std::string>& hs6, Reasons& reasons) const {
  bool partial = false;
  const auto& trade = view_.world.blocks.at(view_.id)->trade;
  if (std::any_of(trade.begin(), trade.end(), [this](const auto& row) { return LeftOut(row.first); })) {
    AddReason("OTHER_BASIS_LEFT_OUT", reasons);
    partial = true;
  }
  for (const std::string& exporter : Untold()) {
    AddReason(absl::StrCat("IMPORTS_UNKNOWN:", exporter), reasons);
    partial = true;
  }
  if (series_.basis == kGross && hs6.size() > 1) {
    AddReason("FORMS_ADDED", reasons);
  }
  if (common_year_ == 0 && !view_.production.empty()) {
    AddReason("YEARS_DIFFER", reasons);
  }
  for (const std::string& form : MissingForms(view_.world.parameters.main_forms, view_.id, CodesAtHand(hs6))) {
    AddReason(absl::StrCat("MAIN_FORM_MISSING:", form), reasons);
    partial = true;
  }
  return partial;
}

void ImporterTrade::FlagNewer(Reasons& reasons) const {
  FlagNewerDatasets(view_.newer_production, reasons);
  FlagNewerDatasets(NewerDatasets(view_.world.blocks.at(view_.id)->trade, series_.dataset, series_.latest_year(),
                                  [this](const TradeKey& key) { return IsImport(key); }),
                    reasons);
}

void ImporterTrade::NoteReexporter(const std::string& exporter, Reasons& notes) const {
  if (!view_.production.empty() && producers_.count(exporter) == 0) {
    AddReason(absl::StrCat("POSSIBLE_REEXPORT:", exporter), notes);
  }
}

}  // namespace orewatch::risk
