// One mineral at one stage as its scores see it: the series that are read, and the inputs that explain them.
#pragma once

#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "services/risk/domain/concentration.h"
#include "services/risk/domain/score.h"
#include "services/risk/domain/series.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// Lives for one computation; the world outlives it.
struct SeriesView {
  SeriesView(const World& world_seen, const SeriesId& series_id);

  const World& world;
  SeriesId id;
  ProductionSeries production;
  TradeSeries trade;
  // Datasets with a later figure of production than the one that is read.
  std::set<std::string> newer_production;
  // On 0 to 1, and on 0 to 10.
  GovernanceScale governance;
  GovernanceScale governance_of_ten;
  // Political stability alone, on 0 to 1.
  GovernanceScale stability;
};

// Figures as inputs, without the value and contribution, and without what a flow was worth.
Input ProductionInput(const std::string& role, const ProductionSeries& series, int year, const std::string& country,
                      const Figure& figure);
Input TradeInput(const std::string& role, const TradeKey& key, const Figure& figure);

Input ReservesInput(const std::string& role, const ReservesKey& key, const Figure& figure);
Input IndicatorInput(const std::string& role, const IndicatorFacts::value_type& fact);

// Adds the note, which ends with the year, if that is not the score's reference year.
void NoteYear(absl::string_view note, int year, Score& score);

// Adds a `governance` input for each country, or `governance_imputed` where there is none. Notes GOVERNANCE_YEAR:year
// where it is not of the score's reference year.
void AddGovernanceInputs(const SeriesView& view, const GovernanceScale& scale, const std::set<std::string>& countries,
                         Score& score);

// The share of a country; nothing if it is not named.
std::optional<double> ShareOf(const Shares& shares, const std::string& country);

// Reason NEWER_DATASET_UNUSED for each.
void FlagNewerDatasets(const std::set<std::string>& datasets, Reasons& reasons);

// Fills top country and band in.
void Finish(const World& world, const Shares& shares, Score& score);

}  // namespace orewatch::risk
