// A graph in which some nodes are others.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "services/risk/domain/supply_graph.h"

namespace orewatch::risk {

// Shows what was put, and of all else the graph below. Not thread-safe; references stay valid while this lives and
// their node is not put again.
class SupplyGraphLayer {
 public:
  explicit SupplyGraphLayer(const SupplyGraph& below) : below_(below) {}

  const NodeKey& Key(NodeIndex node) const { return At(node).key; }
  const NodeFacts& Facts(NodeIndex node) const { return At(node).facts; }
  bool Known(NodeIndex node) const { return At(node).known; }
  const std::vector<Link>& Links(NodeIndex to) const {
    const auto other = others_.find(to);
    return other == others_.end() ? below_.Links(to) : other->second.links;
  }

  // A new node of which nothing is known.
  NodeIndex Add(const NodeKey& key);
  // `links` in the order of their names. Nothing as facts: only links speak of it.
  void Put(NodeIndex node, std::optional<NodeFacts> facts, std::vector<Link> links);
  // Its `Buyers` are those of the graph below, and not to be asked for of what was added.
  SupplyGraph Finish() &&;

 private:
  const SupplyGraph::Node& At(NodeIndex node) const {
    const auto other = others_.find(node);
    return other == others_.end() ? below_.At(node) : other->second.node;
  }

  const SupplyGraph below_;
  SupplyGraph::Others others_;
  size_t added_ = 0;
};

}  // namespace orewatch::risk
