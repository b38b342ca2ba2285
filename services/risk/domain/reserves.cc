#include "services/risk/domain/reserves.h"

namespace orewatch::risk {
namespace {

bool Better(const ReservesKey& a, const ReservesKey& b, const DatasetOrder& datasets) {
  if (a.dataset != b.dataset) {
    return IsPreferred(datasets, a.dataset, b.dataset);
  }
  return a.year != b.year ? a.year > b.year : a.product < b.product;
}

}  // namespace

ReservesSeries ChooseReserves(const ReservesFacts& facts, const std::string& mineral, const ProductionKey& production,
                              const DatasetOrder& datasets) {
  ReservesKey first;
  first.mineral = mineral;
  const auto counts = [&](const ReservesKey& key, const Figure& figure) {
    return key.basis == production.basis && key.scope == production.scope && figure.measure == Measure::kTonnes;
  };
  const ReservesKey* best = nullptr;
  const auto begin = facts.lower_bound(first);
  for (auto it = begin; it != facts.end() && it->first.mineral == mineral; ++it) {
    if (counts(it->first, it->second) && it->second.amount.has_value() &&
        (best == nullptr || Better(it->first, *best, datasets))) {
      best = &it->first;
    }
  }
  ReservesSeries rows;
  for (auto it = begin; best != nullptr && it != facts.end() && it->first.mineral == mineral; ++it) {
    const auto& [key, figure] = *it;
    if (counts(key, figure) && key.dataset == best->dataset && key.year == best->year && key.product == best->product) {
      rows.emplace_back(&key, &figure);
    }
  }
  return rows;
}

}  // namespace orewatch::risk
