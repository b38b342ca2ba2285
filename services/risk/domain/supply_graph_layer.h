// A graph in which some nodes are others.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "services/risk/domain/supply_graph.h"

namespace orewatch::risk {

// Shows what was put, and of all else the graph below. Not thread-safe; references stay valid while this lives.
class SupplyGraphLayer {
 public:
  explicit SupplyGraphLayer(const SupplyGraph& below)
      : nodes_(below.nodes_), links_(below.links_), inputs_(below.inputs_), buyers_(below.buyers_), below_(below) {}

  const NodeKey& Key(NodeIndex node) const { return nodes_[node].key; }
  const NodeFacts& Facts(NodeIndex node) const { return nodes_[node].facts; }
  bool Known(NodeIndex node) const { return nodes_[node].known; }
  const std::vector<Link>& Links(NodeIndex to) const { return links_[to]; }

  // A new node of which nothing is known.
  NodeIndex Add(const NodeKey& key);
  // `links` in the order of their names. Nothing as facts: only links speak of it.
  void Put(NodeIndex node, std::optional<NodeFacts> facts, std::vector<Link> links);
  // Its `Buyers` are those of the graph below.
  SupplyGraph Finish() &&;

 private:
  ChunkedColumn<SupplyGraph::Node>::Writer nodes_;
  ChunkedColumn<std::vector<Link>>::Writer links_;
  ChunkedColumn<InputRow>::Writer inputs_;
  ChunkedColumn<std::vector<NodeIndex>>::Writer buyers_;
  // Keeps what references point to.
  const SupplyGraph below_;
  size_t added_ = 0;
};

}  // namespace orewatch::risk
