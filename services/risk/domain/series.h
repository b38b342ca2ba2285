// Which of several series about one mineral and stage is read. Unlike ones are never added.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/risk/domain/dataset_order.h"
#include "services/risk/domain/facts.h"
#include "services/risk/domain/shares.h"

namespace orewatch::risk {

// World output by country. The figures live in the block that the series was chosen from.
struct ProductionSeries {
  using Rows = std::vector<std::pair<std::string, const Figure*>>;
  // Without country and year.
  ProductionKey key;
  Measure measure = Measure::kTonnes;
  std::map<int, Rows> years;

  bool empty() const { return years.empty(); }
  int latest_year() const { return years.empty() ? 0 : years.rbegin()->first; }
  // By country; empty for a year without rows. Whoever had output in the year of the series before, and is neither
  // named in this one nor small enough to be among its other countries, has not been told of, and has a row of an
  // unknown amount: so the first rows of a new year are not taken for all.
  const Rows& In(int year) const;
  std::vector<Part> PartsIn(int year) const;
};

// The series of the most trusted dataset; of several, that with the latest year, then the fullest basis (contained,
// oxide equivalent, gross), then the largest total of that year, then the first by key. Rows in tonnes and rows in
// shares are two series; rows without an amount belong to both.
ProductionSeries ChooseProduction(const std::map<ProductionKey, Figure>& production, const DatasetOrder& datasets);

// Flows between countries. The keys and figures live in the block.
struct TradeSeries {
  using Rows = std::vector<std::pair<const TradeKey*, const Figure*>>;
  std::string dataset;
  BasisNumber basis = 0;
  std::map<int, Rows> years;

  bool empty() const { return years.empty(); }
  int latest_year() const { return years.empty() ? 0 : years.rbegin()->first; }
  const Rows& In(int year) const;
};

// The most trusted dataset's flows in tonnes on one basis: the preferred one, else the one with the most rows.
// Rows that do not count are as if they were not there: somebody else's trade decides nothing.
TradeSeries ChooseTrade(
    const std::map<TradeKey, Figure>& trade, const DatasetOrder& datasets, BasisNumber preferred,
    const std::function<bool(const TradeKey&)>& counts = [](const TradeKey&) { return true; });

// Datasets other than the chosen one that have an amount of a later year than its latest, in rows that count.
template <typename Key, typename Counts>
std::set<std::string> NewerDatasets(const std::map<Key, Figure>& rows, const std::string& chosen, int latest_year,
                                    const Counts& counts) {
  std::set<std::string> newer;
  for (const auto& [key, figure] : rows) {
    if (key.dataset != chosen && key.year > latest_year && figure.amount.has_value() && counts(key)) {
      newer.insert(key.dataset);
    }
  }
  return newer;
}

// The latest year of both; 0 if they share none.
int LatestCommonYear(const ProductionSeries& production, const TradeSeries& trade);

}  // namespace orewatch::risk
