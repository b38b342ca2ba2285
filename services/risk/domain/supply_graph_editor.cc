#include "services/risk/domain/supply_graph_editor.h"

#include <algorithm>
#include <utility>

namespace orewatch::risk {
namespace {

template <typename Links>
auto PlaceOf(Links& links, const std::string& name) {
  return std::lower_bound(links.begin(), links.end(), name,
                          [](const Link& link, const std::string& sought) { return link.name < sought; });
}

}  // namespace

struct SupplyGraphEditor::Draft {
  explicit Draft(const SupplyGraph& graph)
      : nodes(graph.nodes_), links(graph.links_), inputs(graph.inputs_), buyers(graph.buyers_) {}
  void Resize(size_t size) {
    nodes.Resize(size);
    links.Resize(size);
    inputs.Resize(size);
    buyers.Resize(size);
  }

  ChunkedColumn<SupplyGraph::Node>::Writer nodes;
  ChunkedColumn<std::vector<Link>>::Writer links;
  ChunkedColumn<InputRow>::Writer inputs;
  ChunkedColumn<std::vector<NodeIndex>>::Writer buyers;
  std::set<NodeIndex> moved;
  std::set<NodeIndex> rewired;
};

NodeIndex SupplyGraphEditor::Find(const NodeKey& key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? kNoNode : found->second;
}

NodeIndex SupplyGraphEditor::IndexOf(const NodeKey& key, Draft& draft) {
  const auto [place, added] = index_.emplace(key, static_cast<NodeIndex>(index_.size()));
  const NodeIndex node = place->second;
  if (added) {
    draft.Resize(index_.size());
    draft.nodes.Write(node).key = key;
    draft.moved.insert(node);
    draft.rewired.insert(node);
  }
  return node;
}

void SupplyGraphEditor::ApplyNode(const NodeKey& key, const std::optional<NodeFacts>& facts, Draft& draft) {
  if (!facts.has_value() && Find(key) == kNoNode) {
    return;
  }
  const NodeIndex node = IndexOf(key, draft);
  NodeFacts after = facts.value_or(NodeFacts{});
  const NodeFacts& before = draft.nodes[node].facts;
  if (before.country != after.country || before.seat_only != after.seat_only) {
    draft.moved.insert(node);
  }
  if (before.own_share != after.own_share || before.needs != after.needs) {
    draft.rewired.insert(node);
  }
  SupplyGraph::Node& written = draft.nodes.Write(node);
  written.known = facts.has_value();
  written.facts = std::move(after);
}

void SupplyGraphEditor::RemoveLink(const std::string& name, Draft& draft) {
  const auto found = ends_.find(name);
  if (found == ends_.end()) {
    return;
  }
  const Ends ends = found->second;
  std::vector<Link>& links = draft.links.Write(ends.to);
  links.erase(PlaceOf(links, name));
  std::vector<NodeIndex>& buyers = draft.buyers.Write(ends.from);
  buyers.erase(std::lower_bound(buyers.begin(), buyers.end(), ends.to));
  draft.rewired.insert(ends.to);
  ends_.erase(found);
}

void SupplyGraphEditor::AddLink(const std::string& name, const LinkFacts& facts, Draft& draft) {
  const Ends ends{IndexOf(facts.from, draft), IndexOf({facts.to, facts.from.mineral}, draft)};
  std::vector<Link>& links = draft.links.Write(ends.to);
  links.insert(PlaceOf(links, name),
               {name, ends.from, facts.product, facts.tonnes_per_year, facts.share, facts.verified, facts.confidence});
  std::vector<NodeIndex>& buyers = draft.buyers.Write(ends.from);
  buyers.insert(std::lower_bound(buyers.begin(), buyers.end(), ends.to), ends.to);
  draft.rewired.insert(ends.to);
  ends_.emplace(name, ends);
}

GraphDelta SupplyGraphEditor::Apply(const GraphChanges& changes) {
  Draft draft(graph_);
  for (const auto& [key, facts] : changes.nodes) {
    ApplyNode(key, facts, draft);
  }
  for (const auto& [name, facts] : changes.links) {
    RemoveLink(name, draft);
    if (facts.has_value()) {
      AddLink(name, *facts, draft);
    }
  }
  for (const NodeIndex node : draft.rewired) {
    draft.inputs.Write(node) = InputRowOf(draft.nodes[node].facts, draft.links[node]);
  }
  graph_.nodes_ = std::move(draft.nodes).Finish();
  graph_.links_ = std::move(draft.links).Finish();
  graph_.inputs_ = std::move(draft.inputs).Finish();
  graph_.buyers_ = std::move(draft.buyers).Finish();
  return {{draft.moved.begin(), draft.moved.end()}, {draft.rewired.begin(), draft.rewired.end()}};
}

}  // namespace orewatch::risk
