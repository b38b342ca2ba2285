#include "services/risk/domain/world_output.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/risk/domain/series_view.h"

namespace orewatch::risk {
namespace {

bool IsUnknown(const Shares& shares, const std::string& country) {
  return std::find(shares.unknown.begin(), shares.unknown.end(), country) != shares.unknown.end();
}

// The whole is larger by an unknown amount.
bool IsOpen(const Shares& shares) { return !shares.unknown.empty() && !shares.capped; }

}  // namespace

ScaledFactor PartOf(const Shares& shares, const std::string& country) {
  if (const std::optional<double> share = ShareOf(shares, country)) {
    const double part = std::min(*share, 1.0);
    const bool open = IsOpen(shares);
    return {part, open ? 0 : part, IsUnknown(shares, country) ? 1 : part, {open ? part : 0}};
  }
  return {0, 0, IsUnknown(shares, country) && !shares.capped ? 1 : std::min(shares.other, 1.0), {0}};
}

std::string InexactBecause(const Shares& shares, const std::string& country) {
  if (IsUnknown(shares, country)) {
    return "UNKNOWN";
  }
  if (ShareOf(shares, country).has_value()) {
    return IsOpen(shares) ? "WORLD_TOTAL_UNKNOWN" : "";
  }
  return shares.other > 0 ? "AMONG_OTHERS" : "";
}

ProductionSeries OutputOf(const World& world, const SeriesId& id, const std::string& product) {
  const auto found = world.blocks.find(id);
  if (found == world.blocks.end()) {
    return {};
  }
  const auto& rows = found->second->production;
  if (product.empty()) {
    return ChooseProduction(rows, world.parameters.datasets);
  }
  // The rows that are left out of the choice stay where the series points to.
  std::map<ProductionKey, Figure> kept;
  for (const auto& row : rows) {
    if (row.first.product == product) {
      kept.insert(row);
    }
  }
  ProductionSeries series = ChooseProduction(kept, world.parameters.datasets);
  for (auto& [year, of_year] : series.years) {
    for (auto& [country, figure] : of_year) {
      ProductionKey key = series.key;
      key.year = year;
      key.country = country;
      figure = &rows.at(key);
    }
  }
  return series;
}

std::vector<ProductionSeries> NeighbouringOutput(const World& world, const SeriesId& id) {
  ProductionSeries below;
  ProductionSeries above;
  for (auto it = world.blocks.lower_bound({id.mineral, 0}); it != world.blocks.end() && it->first.mineral == id.mineral;
       ++it) {
    if (it->first.stage == id.stage) {
      continue;
    }
    ProductionSeries series = ChooseProduction(it->second->production, world.parameters.datasets);
    if (series.empty()) {
      continue;
    }
    if (it->first.stage < id.stage) {
      below = std::move(series);
    } else if (above.empty()) {
      above = std::move(series);
    }
  }
  std::vector<ProductionSeries> neighbours;
  for (ProductionSeries* one : {&below, &above}) {
    if (!one->empty()) {
      neighbours.push_back(std::move(*one));
    }
  }
  return neighbours;
}

}  // namespace orewatch::risk
