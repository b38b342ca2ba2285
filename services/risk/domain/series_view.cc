#include "services/risk/domain/series_view.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

constexpr double kEuGovernanceScale = 10;

// `key` says what is measured: of production, trade or reserves.
template <typename Key>
Input SeriesInput(const std::string& role, const Key& key, int year, const std::string& country, const Figure& figure) {
  Input input;
  input.role = role;
  input.country = country;
  input.year = year;
  input.dataset = key.dataset;
  input.product = key.product;
  input.basis = key.basis;
  input.scope = key.scope;
  input.figure = figure;
  return input;
}

}  // namespace

SeriesView::SeriesView(const World& world_seen, const SeriesId& series_id)
    : world(world_seen),
      id(series_id),
      governance(GovernanceScaleOf(world_seen, 1)),
      governance_of_ten(GovernanceScaleOf(world_seen, kEuGovernanceScale)),
      stability(StabilityScaleOf(world_seen)) {
  const Parameters& parameters = world.parameters;
  if (const auto found = world.blocks.find(id); found != world.blocks.end()) {
    production = ChooseProduction(found->second->production, parameters.datasets);
    newer_production = NewerDatasets(found->second->production, production.key.dataset, production.latest_year(),
                                     [](const ProductionKey&) { return true; });
    trade = ChooseTrade(found->second->trade, parameters.trade_datasets, production.key.basis);
  }
}

Input ProductionInput(const std::string& role, const ProductionSeries& series, int year, const std::string& country,
                      const Figure& figure) {
  return SeriesInput(role, series.key, year, country, figure);
}

Input TradeInput(const std::string& role, const TradeKey& key, const Figure& figure) {
  Input input = SeriesInput(role, key, key.year, key.exporter, figure);
  input.figure.value_usd.reset();
  return input;
}

Input ReservesInput(const std::string& role, const ReservesKey& key, const Figure& figure) {
  return SeriesInput(role, key, key.year, key.country, figure);
}

Input IndicatorInput(const std::string& role, const IndicatorFacts::value_type& fact) {
  Input input;
  input.role = role;
  input.country = fact.first.region;
  input.value = fact.second.value;
  input.year = fact.first.year;
  input.dataset = fact.first.dataset;
  input.figure.provenance = fact.second.provenance;
  return input;
}

void NoteYear(absl::string_view note, int year, Score& score) {
  if (year != score.reference_year) {
    AddReason(absl::StrCat(note, year), score.notes);
  }
}

void AddGovernanceInputs(const SeriesView& view, const GovernanceScale& scale, const std::set<std::string>& countries,
                         Score& score) {
  for (const std::string& country : countries) {
    Input input;
    input.country = country;
    const auto* fact = LatestGovernance(*view.world.governance, country);
    if (const auto risk = scale.Find(country); risk.has_value() && fact != nullptr) {
      input.role = "governance";
      input.value = risk;
      input.year = fact->first.year;
      input.dataset = fact->first.dataset;
      input.figure.provenance = fact->second.provenance;
      NoteYear("GOVERNANCE_YEAR:", input.year, score);
    } else {
      input.role = "governance_imputed";
      input.value = scale.imputed();
    }
    score.inputs.push_back(std::move(input));
  }
}

std::optional<double> ShareOf(const Shares& shares, const std::string& country) {
  for (const Share& share : shares.named) {
    if (share.country == country) {
      return share.value;
    }
  }
  return std::nullopt;
}

void FlagNewerDatasets(const std::set<std::string>& datasets, Reasons& reasons) {
  for (const std::string& dataset : datasets) {
    AddReason(absl::StrCat("NEWER_DATASET_UNUSED:", dataset), reasons);
  }
}

void Finish(const World& world, const Shares& shares, Score& score) {
  if (const auto top = TopShare(shares)) {
    score.top_country = top->country;
    score.top_share = top->value;
  }
  score.band = BandOf(score.estimate, score.key.method, world.parameters.thresholds);
}

}  // namespace orewatch::risk
