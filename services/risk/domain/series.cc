#include "services/risk/domain/series.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <tuple>

namespace orewatch::risk {
namespace {

// Numbers of orewatch.type.v1.Basis, the most comparable first.
constexpr std::array<BasisNumber, 4> kBases = {2, 3, 1, 0};

auto RankOfBasis(BasisNumber basis) { return std::find(kBases.begin(), kBases.end(), basis) - kBases.begin(); }

double LatestTotal(const ProductionSeries& series) {
  double total = 0;
  for (const auto& [country, figure] : series.In(series.latest_year())) {
    total += figure->amount.value_or(0);
  }
  return total;
}

bool Better(const ProductionSeries& a, const ProductionSeries& b, const DatasetOrder& datasets) {
  if (a.key.dataset != b.key.dataset) {
    return IsPreferred(datasets, a.key.dataset, b.key.dataset);
  }
  const auto rank = [](const ProductionSeries& series) {
    return std::make_tuple(-series.latest_year(), RankOfBasis(series.key.basis), -LatestTotal(series), series.key,
                           series.measure);
  };
  return rank(a) < rank(b);
}

using Candidates = std::map<std::pair<ProductionKey, Measure>, ProductionSeries>;

void AddRow(const ProductionKey& key, Measure measure, const Figure& figure, Candidates& candidates) {
  ProductionKey series = key;
  series.country.clear();
  series.year = 0;
  ProductionSeries& candidate = candidates[{series, measure}];
  candidate.key = series;
  candidate.measure = measure;
  candidate.years[key.year].emplace_back(key.country, &figure);
}

// The most that a country which is not named may have had.
double RoomAmongOthers(const ProductionSeries::Rows& rows, Measure measure) {
  double room = measure == Measure::kShares ? 1 : 0;
  for (const auto& [country, figure] : rows) {
    if (measure == Measure::kShares) {
      room -= country == kOtherCountries ? 0 : figure->amount.value_or(0);
    } else if (country == kOtherCountries) {
      room = figure->amount.value_or(std::numeric_limits<double>::infinity());
    }
  }
  return room;
}

ProductionSeries::Rows Untold(const ProductionSeries::Rows& before, const ProductionSeries::Rows& rows,
                              Measure measure) {
  static const Figure kUnknown;
  std::set<std::string> named = {kOtherCountries};
  for (const auto& [country, figure] : rows) {
    named.insert(country);
  }
  const double room = RoomAmongOthers(rows, measure);
  ProductionSeries::Rows untold;
  for (const auto& [country, figure] : before) {
    const bool among_others = figure->amount.has_value() ? *figure->amount <= room : room > 0;
    if (named.count(country) == 0 && figure->amount != 0.0 && !among_others) {
      untold.emplace_back(country, &kUnknown);
    }
  }
  return untold;
}

void AddUntold(ProductionSeries& series) {
  const ProductionSeries::Rows* before = nullptr;
  std::map<int, ProductionSeries::Rows> untold;
  for (const auto& [year, rows] : series.years) {
    if (before != nullptr) {
      untold[year] = Untold(*before, rows, series.measure);
    }
    before = &rows;
  }
  for (auto& [year, rows] : untold) {
    ProductionSeries::Rows& all = series.years.at(year);
    all.insert(all.end(), rows.begin(), rows.end());
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  }
}

}  // namespace

const ProductionSeries::Rows& ProductionSeries::In(int year) const {
  static const Rows kNone;
  const auto found = years.find(year);
  return found == years.end() ? kNone : found->second;
}

std::vector<Part> ProductionSeries::PartsIn(int year) const {
  std::vector<Part> parts;
  for (const auto& [country, figure] : In(year)) {
    parts.push_back({country, figure->amount, figure->withheld});
  }
  return parts;
}

ProductionSeries ChooseProduction(const std::map<ProductionKey, Figure>& production, const DatasetOrder& datasets) {
  Candidates candidates;
  for (const auto& [key, figure] : production) {
    if (figure.amount.has_value()) {
      AddRow(key, figure.measure, figure, candidates);
    }
  }
  for (const auto& [key, figure] : production) {
    ProductionKey series = key;
    series.country.clear();
    series.year = 0;
    const bool shares = candidates.count({series, Measure::kShares}) > 0;
    if (!figure.amount.has_value()) {
      if (shares) {
        AddRow(key, Measure::kShares, figure, candidates);
      }
      if (!shares || candidates.count({series, Measure::kTonnes}) > 0) {
        AddRow(key, Measure::kTonnes, figure, candidates);
      }
    }
  }
  ProductionSeries best;
  for (auto& [key, candidate] : candidates) {
    if (best.empty() || Better(candidate, best, datasets)) {
      best = std::move(candidate);
    }
  }
  AddUntold(best);
  return best;
}

const TradeSeries::Rows& TradeSeries::In(int year) const {
  static const Rows kNone;
  const auto found = years.find(year);
  return found == years.end() ? kNone : found->second;
}

TradeSeries ChooseTrade(const std::map<TradeKey, Figure>& trade, const DatasetOrder& datasets, BasisNumber preferred,
                        const std::function<bool(const TradeKey&)>& counts) {
  using DatasetOnBasis = std::pair<std::string, BasisNumber>;
  std::map<DatasetOnBasis, int> rows;
  for (const auto& [key, figure] : trade) {
    if (figure.measure == Measure::kTonnes && counts(key)) {
      ++rows[{key.dataset, key.basis}];
    }
  }
  TradeSeries chosen;
  const auto rank = [&](const auto& row) {
    const BasisNumber basis = row.first.second;
    return std::make_tuple(basis != preferred, -row.second, basis);
  };
  const auto best = std::min_element(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    const std::string& dataset = a.first.first;
    return dataset == b.first.first ? rank(a) < rank(b) : IsPreferred(datasets, dataset, b.first.first);
  });
  if (best == rows.end()) {
    return chosen;
  }
  std::tie(chosen.dataset, chosen.basis) = best->first;
  for (const auto& [key, figure] : trade) {
    if (key.dataset == chosen.dataset && key.basis == chosen.basis && figure.measure == Measure::kTonnes &&
        counts(key)) {
      chosen.years[key.year].emplace_back(&key, &figure);
    }
  }
  return chosen;
}

int LatestCommonYear(const ProductionSeries& production, const TradeSeries& trade) {
  int latest = 0;
  for (const auto& [year, rows] : production.years) {
    latest = trade.years.count(year) > 0 ? year : latest;
  }
  return latest;
}

}  // namespace orewatch::risk
