// Whose loss nobody could make good.
#pragma once

#include <string>
#include <vector>

#include "services/risk/domain/patience.h"
#include "services/risk/domain/supply_shares.h"

namespace orewatch::risk {

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
// spare capacity, is not. Those that only supply each other have an origin that nobody knows, and are lost when all who
// supply them are; but what had a known origin does not outlive it by supplying itself.
FailurePoints FailurePointsOf(const SupplyGraph& graph, NodeIndex node, size_t max_upstream, GroupBy group_by,
                              const Patience& patience = nullptr);

}  // namespace orewatch::risk
