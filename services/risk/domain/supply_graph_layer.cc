#include "services/risk/domain/supply_graph_layer.h"

namespace orewatch::risk {

NodeIndex SupplyGraphLayer::Add(const NodeKey& key) {
  const size_t node = below_.node_count() + added_++;
  nodes_.Resize(node + 1);
  links_.Resize(node + 1);
  inputs_.Resize(node + 1);
  buyers_.Resize(node + 1);
  nodes_.Write(node).key = key;
  return static_cast<NodeIndex>(node);
}

void SupplyGraphLayer::Put(NodeIndex node, std::optional<NodeFacts> facts, std::vector<Link> links) {
  SupplyGraph::Node& written = nodes_.Write(node);
  written.known = facts.has_value();
  written.facts = std::move(facts).value_or(NodeFacts{});
  inputs_.Write(node) = InputRowOf(written.facts, links);
  links_.Write(node) = std::move(links);
}

SupplyGraph SupplyGraphLayer::Finish() && {
  SupplyGraph graph;
  graph.nodes_ = std::move(nodes_).Finish();
  graph.links_ = std::move(links_).Finish();
  graph.inputs_ = std::move(inputs_).Finish();
  graph.buyers_ = std::move(buyers_).Finish();
  return graph;
}

}  // namespace orewatch::risk
