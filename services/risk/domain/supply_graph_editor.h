// Turns changes of facilities and links into the next snapshot of the supply graph.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/risk/domain/supply_graph.h"

namespace orewatch::risk {

// Nothing as a value: it is gone.
struct GraphChanges {
  std::map<NodeKey, std::optional<NodeFacts>> nodes;
  // By resource name.
  std::map<std::string, std::optional<LinkFacts>> links;
};

// What a set of changes touched; ascending, without repeats.
struct GraphDelta {
  // Nodes whose country changed, or that are new.
  std::vector<NodeIndex> moved;
  // Nodes whose inputs changed, or that are new.
  std::vector<NodeIndex> rewired;
};

// The one writer of a graph. Not thread-safe; the snapshots it has handed out are.
class SupplyGraphEditor {
 public:
  // Leaves snapshots handed out before as they are. A link may name a node that is not there (yet): it stands there
  // without country and sources. The snapshot depends on what is there, never on the order in which it came, but for
  // the numbers of the nodes.
  GraphDelta Apply(const GraphChanges& changes);
  const SupplyGraph& graph() const { return graph_; }
  // kNoNode if no change has spoken of it.
  NodeIndex Find(const NodeKey& key) const;

 private:
  struct KeyHash {
    size_t operator()(const NodeKey& key) const {
      return std::hash<std::string>()(key.name) * 31 + std::hash<std::string>()(key.mineral);
    }
  };
  struct Ends {
    NodeIndex from = 0;
    NodeIndex to = 0;
  };
  struct Draft;

  NodeIndex IndexOf(const NodeKey& key, Draft& draft);
  void ApplyNode(const NodeKey& key, const std::optional<NodeFacts>& facts, Draft& draft);
  void RemoveLink(const std::string& name, Draft& draft);
  void AddLink(const std::string& name, const LinkFacts& facts, Draft& draft);

  SupplyGraph graph_;
  std::unordered_map<NodeKey, NodeIndex, KeyHash> index_;
  std::unordered_map<std::string, Ends> ends_;
};

}  // namespace orewatch::risk
