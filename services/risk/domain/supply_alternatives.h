// Who could supply instead, and whose loss nobody could make good.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/supply_paths.h"

namespace orewatch::risk {

// What a buyer needs another source of.
struct Wanted {
  std::string product;
  // 0: whatever stage makes it.
  StageNumber stage = 0;
};

struct Alternative {
  NodeIndex node = kNoNode;
  // Tonnes per year; nothing: unknown.
  std::optional<double> spare_tonnes_per_year;
  // The buyer names it as qualified. Else its grade would do, but qualification takes `months_to_qualify`.
  bool qualified = false;
  std::optional<double> months_to_qualify;
};

// Nodes of the buyer's chain that make the product and do not supply it yet, by name; the qualified first. One that
// makes another grade than the buyer needs is none.
std::vector<Alternative> AlternativesOf(const SupplyGraph& graph, NodeIndex buyer, const Wanted& wanted);

struct FailurePoint {
  // Resource name: of the node, or of the supplier that is lost with all its nodes.
  std::string name;
  // The least number of links between.
  int tier = 0;
  // Certain: nothing that is cut has a part of unknown source. Else an unknown source may remain.
  bool certain = true;
};

struct FailurePoints {
  // By tier, then by name.
  std::vector<FailurePoint> points;
  // More lies upstream than was looked at.
  bool truncated = false;
};

// Suppliers, up to kMaxTier links up, without whom a product that the node uses has no known source left. A supplier is
// lost with any one of the products that it uses itself; what has a part of its own, or a qualified alternative with
// spare capacity, is not.
FailurePoints FailurePointsOf(const SupplyGraph& graph, NodeIndex node, size_t max_upstream, GroupBy group_by,
                              const Patience& patience = nullptr);

}  // namespace orewatch::risk
