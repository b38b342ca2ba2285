// Suppliers and facilities through whom a node is supplied, tier by tier.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "services/risk/domain/exposure.h"

namespace orewatch::risk {

struct SupplierShare {
  // Resource name: of the node, or of the supplier that it is a facility of.
  std::string name;
  double verified = 0;
  double inferred = 0;
};

struct SupplierTier {
  // By name. With `own` and `unknown` they add up to 1; a supplier of unknown country stands here all the same.
  std::vector<SupplierShare> suppliers;
  double own = 0;
  double unknown = 0;
};

enum class GroupBy { kFacility, kSupplier };

// Tiers 1 to kMaxTier, summed in the order of names.
std::array<SupplierTier, kMaxTier> SupplierShares(const SupplyGraph& graph, NodeIndex node, GroupBy group_by);

}  // namespace orewatch::risk
