#include "services/risk/domain/supply_graph_layer.h"

#include <memory>

namespace orewatch::risk {

NodeIndex SupplyGraphLayer::Add(const NodeKey& key) {
  const auto node = static_cast<NodeIndex>(below_.node_count() + added_++);
  others_[node].node.key = key;
  return node;
}

void SupplyGraphLayer::Put(NodeIndex node, std::optional<NodeFacts> facts, std::vector<Link> links) {
  const NodeKey key = Key(node);
  SupplyGraph::Other& other = others_[node];
  other.node.key = key;
  other.node.known = facts.has_value();
  other.node.facts = std::move(facts).value_or(NodeFacts{});
  other.inputs = InputRowOf(other.node.facts, links);
  other.links = std::move(links);
}

SupplyGraph SupplyGraphLayer::Finish() && {
  SupplyGraph graph = below_;
  if (!others_.empty()) {
    graph.others_ = std::make_shared<const SupplyGraph::Others>(std::move(others_));
    graph.added_ = added_;
  }
  return graph;
}

}  // namespace orewatch::risk
