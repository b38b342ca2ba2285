// What lies upstream of one node, as one principal sees it: the public graph, joined with what he may read beyond that
// where the question leads.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "services/risk/domain/chain_view.h"
#include "services/risk/domain/patience.h"

namespace orewatch::risk {

// Exposures, shares, paths and failure points of `root` up to the depth that was asked for are those of a graph of what
// he may read and nothing else, to the bit. What lies elsewhere is not to be looked at.
struct Cone {
  SupplyGraph graph;
  NodeIndex root = kNoNode;
};

// How many links one answer may look at; what it has left.
struct LinkBudget {
  size_t links = 0;
  Patience patience = nullptr;
};

// Whether the question leads through a node of the public graph. Null: through all.
using NodeFilter = std::function<bool(NodeIndex)>;

// Up to `depth` links upstream. Takes from the budget what it looks at; nothing: more lies there than is left, or
// nobody waits any more. Where a product is named, `root` is a node of its own that uses and gets this product alone.
std::optional<Cone> ConeOf(const ChainView& view, const NodeKey& root, const std::string& product, int depth,
                           LinkBudget& budget, const NodeFilter& through = nullptr);

// The buyer with those who supply it, and all who make the product; the same otherwise.
std::optional<Cone> MarketOf(const ChainView& view, const NodeKey& buyer, const std::string& product,
                             LinkBudget& budget);

}  // namespace orewatch::risk
