// Who could supply instead.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/supply_graph.h"

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

// What the facts offer of it; null: nothing. Of this grade, unless that is empty.
const Offer* OfferFor(const NodeFacts& facts, const Wanted& wanted, const std::string& grade);

// What the facts need of the product; null: they do not say.
const Need* NeedOf(const NodeFacts& facts, const std::string& product);

// Nodes of the buyer's chain that make the product and do not supply it yet, by name; the qualified first. One that
// makes another grade than the buyer needs is none.
std::vector<Alternative> AlternativesOf(const SupplyGraph& graph, NodeIndex buyer, const Wanted& wanted);

}  // namespace orewatch::risk
