#include "services/risk/domain/supply_failures.h"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "services/risk/domain/supply_alternatives.h"
#include "services/risk/domain/supply_survivors.h"

namespace orewatch::risk {
namespace {

// What lies upstream. A node's place is that in `nodes`.
struct Upstream {
  // The node itself first, and those that are upstream as alternatives alone last.
  std::vector<NodeIndex> nodes;
  std::unordered_map<NodeIndex, size_t> place_of;
  // Of those that are linked.
  std::vector<int> tiers;
  UsedProducts products;
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
  GroupReader(const SupplyGraph& graph, const Qualified& qualified, Upstream& upstream, PatientSteps& steps)
      : graph_(graph), qualified_(qualified), upstream_(upstream), steps_(steps) {}

  // Incomplete once nobody waits any more.
  std::vector<SourceGroup> GroupsOf(NodeIndex node) {
    if (graph_.Inputs(node).own > 0) {
      return {};
    }
    std::map<std::string, std::vector<Link>> products;
    for (const Link& link : graph_.Links(node)) {
      if (!steps_.Take()) {
        return {};
      }
      products[link.product].push_back(link);
    }
    std::vector<SourceGroup> groups;
    for (const auto& [product, links] : products) {
      if (!steps_.Take()) {
        break;
      }
      if (std::optional<SourceGroup> group = GroupOf(graph_.Facts(node), product, links)) {
        groups.push_back(*std::move(group));
      }
    }
    return groups;
  }

 private:
  // Nothing: it cannot be lost.
  std::optional<SourceGroup> GroupOf(const NodeFacts& facts, const std::string& product,
                                     const std::vector<Link>& links) {
    constexpr double kRounding = 1e-9;
    SourceGroup group;
    for (const Link& link : links) {
      const auto place = upstream_.place_of.find(link.from);
      if (place == upstream_.place_of.end()) {
        return std::nullopt;
      }
      group.sources.push_back(place->second);
    }
    group.unknown = InputsOfProduct(facts, product, links).unknown > kRounding;
    if (const Need* need = NeedOf(facts, product)) {
      AddQualifiedSpare(*need, group);
    }
    return group;
  }
  void AddQualifiedSpare(const Need& need, SourceGroup& group) {
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
  PatientSteps& steps_;
};

Upstream UpstreamOf(const SupplyGraph& graph, NodeIndex node, size_t max_upstream, PatientSteps& steps) {
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
  GroupReader reader(graph, qualified, upstream, steps);
  upstream.products.resize(upstream.tiers.size());
  for (size_t place = 0; place < upstream.tiers.size() && upstream.tiers[place] < kMaxTier; ++place) {
    upstream.products[place] = reader.GroupsOf(upstream.nodes[place]);
  }
  upstream.products.resize(upstream.nodes.size());
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

// In the order of names, or of tiers, each answer along a chain could be just beyond what the one before has shown.
std::vector<std::pair<std::string, Candidate>> Shuffled(const std::map<std::string, Candidate>& candidates) {
  std::vector<std::pair<std::string, Candidate>> shuffled(candidates.begin(), candidates.end());
  std::shuffle(shuffled.begin(), shuffled.end(), std::minstd_rand(1));
  return shuffled;
}

}  // namespace

FailurePoints FailurePointsOf(const SupplyGraph& graph, NodeIndex node, size_t max_upstream, GroupBy group_by,
                              const Patience& patience) {
  PatientSteps steps(patience);
  const Upstream upstream = UpstreamOf(graph, node, max_upstream, steps);
  FailurePoints found;
  found.truncated = upstream.truncated;
  Survivors known(upstream.products, false, steps);
  Survivors perhaps(upstream.products, true, steps);
  for (const auto& [name, candidate] : Shuffled(CandidatesOf(graph, upstream, group_by))) {
    if (!steps.Ask()) {
      break;
    }
    if (known.LostWith(candidate.places).value_or(false)) {
      found.points.push_back({name, candidate.tier, perhaps.LostWith(candidate.places).value_or(false)});
    }
  }
  std::sort(found.points.begin(), found.points.end(), [](const FailurePoint& a, const FailurePoint& b) {
    return std::tie(a.tier, a.name) < std::tie(b.tier, b.name);
  });
  return found;
}

}  // namespace orewatch::risk
