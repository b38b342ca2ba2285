#include "services/risk/domain/year_series.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/risk/domain/economic_importance_scorer.h"
#include "services/risk/domain/series.h"

namespace orewatch::risk {
namespace {

const Block* BlockOf(const World& world, const ScoreKey& key) {
  const auto found = world.blocks.find({key.subject, key.stage});
  return found == world.blocks.end() ? nullptr : found->second.get();
}

bool IsOf(const ProductionSeries& series, ProductionKey key, const Figure& figure) {
  key.country.clear();
  key.year = 0;
  return key == series.key && (!figure.amount.has_value() || figure.measure == series.measure);
}

std::shared_ptr<const Block> BlockAsOf(const Block& block, const DatasetOrder& datasets, int year) {
  const ProductionSeries series = ChooseProduction(block.production, datasets);
  auto as_of = std::make_shared<Block>();
  for (const auto& [key, figure] : block.production) {
    if (key.year <= year && IsOf(series, key, figure)) {
      as_of->production.emplace(key, figure);
    }
  }
  for (const auto& [key, figure] : block.trade) {
    if (key.year <= year) {
      as_of->trade.emplace(key, figure);
    }
  }
  return as_of;
}

template <typename Facts>
void DropAfter(int year, CopyOnWrite<Facts>& facts) {
  Facts& written = facts.Write();
  for (auto it = written.begin(); it != written.end();) {
    it = it->first.year > year ? written.erase(it) : std::next(it);
  }
}

}  // namespace

std::vector<int> YearsOf(const World& world, const ScoreKey& key) {
  std::set<int> years;
  if (key.method == Method::kEuEconomicImportance2017) {
    years = EndUseYears(world, key.subject, key.importer);
  } else if (key.method == Method::kCountryGovernance) {
    const absl::string_view country = absl::StripPrefix(key.subject, "countries/");
    for (const auto& [fact, estimates] : *world.governance) {
      if (fact.country == country) {
        years.insert(fact.year);
      }
    }
  } else if (const Block* block = BlockOf(world, key); block != nullptr && key.method != Method::kStockCover) {
    for (const auto& [row, figure] : block->production) {
      years.insert(row.year);
    }
    for (const auto& [row, figure] : block->trade) {
      years.insert(row.year);
    }
  }
  return {years.begin(), years.end()};
}

World AsOfYear(const World& world, const ScoreKey& key, int year) {
  World as_of = world;
  as_of.blocks.clear();
  if (const Block* block = BlockOf(world, key); block != nullptr) {
    as_of.blocks[{key.subject, key.stage}] = BlockAsOf(*block, world.parameters.datasets, year);
  }
  DropAfter(year, as_of.governance);
  DropAfter(year, as_of.indicators);
  DropAfter(year, as_of.reserves);
  TradePolicy& policy = as_of.policy.Write();
  policy.today = std::min(policy.today, absl::StrCat(year, "-12-31"));
  return as_of;
}

}  // namespace orewatch::risk
