#include "services/risk/domain/supply_failures.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "services/risk/domain/supply_alternatives.h"

namespace orewatch::risk {
namespace {

// A product that a node uses: lost when all of its sources are.
struct Group {
  // Places of suppliers, and of qualified alternatives with spare capacity. None if one of them lies further upstream
  // than is looked at, and so is not lost.
  std::vector<size_t> sources;
  bool unknown = false;
};

// What lies upstream. A node's place is that in `nodes`.
struct Upstream {
  // The node itself first, and those that are upstream as alternatives alone last.
  std::vector<NodeIndex> nodes;
  std::unordered_map<NodeIndex, size_t> place_of;
  // Of those that are linked.
  std::vector<int> tiers;
  // By place.
  std::vector<std::vector<Group>> groups;
  bool truncated = false;

  size_t Add(NodeIndex node) {
    const auto [found, added] = place_of.emplace(node, nodes.size());
    if (added) {
      nodes.push_back(node);
    }
    return found->second;
  }
};

// Numbers of nodes by name, of those that upstream nodes name as qualified.
using Qualified = std::unordered_map<std::string, NodeIndex>;

Qualified QualifiedBy(const SupplyGraph& graph, const std::vector<NodeIndex>& nodes) {
  Qualified qualified;
  for (const NodeIndex node : nodes) {
    for (const Need& need : graph.Facts(node).needs) {
      for (const std::string& name : need.qualified) {
        qualified[name] = kNoNode;
      }
    }
  }
  const std::string& mineral = graph.Key(nodes.front()).mineral;
  for (NodeIndex node = 0; !qualified.empty() && node < graph.node_count(); ++node) {
    if (graph.Key(node).mineral != mineral) {
      continue;
    }
    if (const auto named = qualified.find(graph.Key(node).name); named != qualified.end()) {
      named->second = node;
    }
  }
  return qualified;
}

// What a node needs to run.
class GroupReader {
 public:
  GroupReader(const SupplyGraph& graph, const Qualified& qualified, Upstream& upstream)
      : graph_(graph), qualified_(qualified), upstream_(upstream) {}

  std::vector<Group> GroupsOf(NodeIndex node) {
    if (graph_.Inputs(node).own > 0) {
      return {};
    }
    std::set<std::string> products;
    for (const Link& link : graph_.Links(node)) {
      products.insert(link.product);
    }
    std::vector<Group> groups;
    for (const std::string& product : products) {
      if (std::optional<Group> group = GroupOf(node, product)) {
        groups.push_back(*std::move(group));
      }
    }
    return groups;
  }

 private:
  // Nothing: it cannot be lost.
  std::optional<Group> GroupOf(NodeIndex node, const std::string& product) {
    constexpr double kRounding = 1e-9;
    Group group;
    for (const Link& link : graph_.Links(node)) {
      if (link.product != product) {
        continue;
      }
      const auto place = upstream_.place_of.find(link.from);
      if (place == upstream_.place_of.end()) {
        return std::nullopt;
      }
      group.sources.push_back(place->second);
    }
    group.unknown = InputsOfProduct(graph_, node, product).unknown > kRounding;
    if (const Need* need = NeedOf(graph_.Facts(node), product)) {
      AddQualifiedSpare(*need, group);
    }
    return group;
  }
  void AddQualifiedSpare(const Need& need, Group& group) {
    for (const std::string& name : need.qualified) {
      const NodeIndex node = qualified_.at(name);
      if (node == kNoNode) {
        continue;
      }
      const Offer* offer = OfferFor(graph_.Facts(node), {need.product, 0}, need.grade);
      if (offer != nullptr && offer->spare_tonnes_per_year.value_or(0) > 0) {
        group.sources.push_back(upstream_.Add(node));
      }
    }
  }

  const SupplyGraph& graph_;
  const Qualified& qualified_;
  Upstream& upstream_;
};

Upstream UpstreamOf(const SupplyGraph& graph, NodeIndex node, size_t max_upstream) {
  Upstream upstream;
  upstream.Add(node);
  upstream.tiers = {0};
  for (size_t i = 0; i < upstream.nodes.size() && upstream.tiers[i] < kMaxTier; ++i) {
    for (const Link& link : graph.Links(upstream.nodes[i])) {
      if (upstream.place_of.contains(link.from)) {
        continue;
      }
      if (upstream.nodes.size() > max_upstream) {
        upstream.truncated = true;
        break;
      }
      upstream.Add(link.from);
      upstream.tiers.push_back(upstream.tiers[i] + 1);
    }
  }
  const Qualified qualified = QualifiedBy(graph, upstream.nodes);
  GroupReader reader(graph, qualified, upstream);
  upstream.groups.resize(upstream.tiers.size());
  for (size_t place = 0; place < upstream.tiers.size() && upstream.tiers[place] < kMaxTier; ++place) {
    upstream.groups[place] = reader.GroupsOf(upstream.nodes[place]);
  }
  upstream.groups.resize(upstream.nodes.size());
  return upstream;
}

// Places that are lost together, but for the first.
struct Candidate {
  std::vector<size_t> places;
  int tier = kMaxTier;
};

// By name.
std::map<std::string, Candidate> CandidatesOf(const SupplyGraph& graph, const Upstream& upstream, GroupBy group_by) {
  std::map<std::string, Candidate> candidates;
  const auto group_of = [&](size_t place) {
    const std::string& name = graph.Key(upstream.nodes[place]).name;
    return group_by == GroupBy::kSupplier ? SupplierOf(name) : name;
  };
  for (size_t place = 1; place < upstream.tiers.size(); ++place) {
    Candidate& candidate = candidates[group_of(place)];
    candidate.places.push_back(place);
    candidate.tier = std::min(candidate.tier, upstream.tiers[place]);
  }
  for (size_t place = upstream.tiers.size(); place < upstream.nodes.size(); ++place) {
    if (const auto found = candidates.find(group_of(place)); found != candidates.end()) {
      found->second.places.push_back(place);
    }
  }
  return candidates;
}

// By place.
using Marks = std::vector<char>;

// Who runs, and who does not any more without some others. With `doubt`, what nobody knows may be a source.
class Survivors {
 public:
  Survivors(const Upstream& upstream, bool doubt) : upstream_(upstream), doubt_(doubt) {
    const Marks nobody(upstream.nodes.size(), 0);
    rootless_ = Run(nobody, nobody);
    for (char& mark : rootless_) {
      mark = mark == 0 ? 1 : 0;
    }
  }

  // Whether the first is lost with these.
  bool LostWith(const Marks& lost) const {
    Marks anyhow = rootless_;
    for (;;) {
      const Marks running = Run(lost, anyhow);
      bool changed = false;
      for (size_t place = 0; place < anyhow.size(); ++place) {
        if (anyhow[place] != 0 && !IsFed(place, running)) {
          anyhow[place] = 0;
          changed = true;
        }
      }
      if (!changed) {
        return running[0] == 0;
      }
    }
  }

 private:
  bool IsFed(size_t place, const Marks& running) const {
    const std::vector<Group>& groups = upstream_.groups[place];
    return std::all_of(groups.begin(), groups.end(), [&](const Group& group) {
      return (doubt_ && group.unknown) || std::any_of(group.sources.begin(), group.sources.end(),
                                                      [&](size_t source) { return running[source] != 0; });
    });
  }
  // From the sources down: what runs `anyhow`, and what all that it uses reaches from there. The furthest stand last.
  Marks Run(const Marks& lost, const Marks& anyhow) const {
    Marks running(upstream_.nodes.size(), 0);
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t place = running.size(); place-- > 0;) {
        if (running[place] == 0 && lost[place] == 0 && (anyhow[place] != 0 || IsFed(place, running))) {
          running[place] = 1;
          changed = true;
        }
      }
    }
    return running;
  }

  const Upstream& upstream_;
  const bool doubt_;
  // They have no known origin, whatever is lost.
  Marks rootless_;
};

}  // namespace

FailurePoints FailurePointsOf(const SupplyGraph& graph, NodeIndex node, size_t max_upstream, GroupBy group_by,
                              const Patience& patience) {
  const Upstream upstream = UpstreamOf(graph, node, max_upstream);
  const Survivors known(upstream, false);
  const Survivors perhaps(upstream, true);
  FailurePoints found;
  found.truncated = upstream.truncated;
  for (const auto& [name, candidate] : CandidatesOf(graph, upstream, group_by)) {
    if (!Lasts(patience)) {
      break;
    }
    Marks lost(upstream.nodes.size(), 0);
    for (const size_t place : candidate.places) {
      lost[place] = 1;
    }
    if (known.LostWith(lost)) {
      found.points.push_back({name, candidate.tier, perhaps.LostWith(lost)});
    }
  }
  std::stable_sort(found.points.begin(), found.points.end(),
                   [](const FailurePoint& a, const FailurePoint& b) { return a.tier < b.tier; });
  return found;
}

}  // namespace orewatch::risk
