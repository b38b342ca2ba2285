#include "services/risk/domain/supply_alternatives.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace orewatch::risk {
namespace {

const Need* NeedOf(const NodeFacts& facts, const std::string& product) {
  const auto need =
      std::find_if(facts.needs.begin(), facts.needs.end(), [&](const Need& each) { return each.product == product; });
  return need == facts.needs.end() ? nullptr : &*need;
}

const Offer* OfferFor(const NodeFacts& facts, const Wanted& wanted, const std::string& grade) {
  const auto offer = std::find_if(facts.offers.begin(), facts.offers.end(), [&](const Offer& each) {
    return each.product == wanted.product && (wanted.stage == 0 || each.stage == wanted.stage) &&
           (grade.empty() || each.grade == grade);
  });
  return offer == facts.offers.end() ? nullptr : &*offer;
}

bool Supplies(const SupplyGraph& graph, NodeIndex supplier, NodeIndex buyer, const std::string& product) {
  const std::vector<Link>& links = graph.Links(buyer);
  return std::any_of(links.begin(), links.end(),
                     [&](const Link& link) { return link.from == supplier && link.product == product; });
}

// A product that a node uses: lost when all of its sources are.
struct Group {
  // Suppliers, and qualified alternatives with spare capacity.
  std::vector<NodeIndex> sources;
  bool unknown = false;
};

// What lies upstream, the node itself first.
struct Upstream {
  std::vector<NodeIndex> nodes;
  std::vector<int> tiers;
  std::map<NodeIndex, std::vector<Group>> groups;
  bool truncated = false;
};

// The nodes that some of `nodes` name as qualified, by key.
std::map<NodeKey, NodeIndex> QualifiedBy(const SupplyGraph& graph, const std::vector<NodeIndex>& nodes) {
  std::map<NodeKey, NodeIndex> qualified;
  for (const NodeIndex node : nodes) {
    for (const Need& need : graph.Facts(node).needs) {
      for (const std::string& name : need.qualified) {
        qualified[{name, graph.Key(node).mineral}] = kNoNode;
      }
    }
  }
  for (NodeIndex node = 0; !qualified.empty() && node < graph.node_count(); ++node) {
    const auto named = qualified.find(graph.Key(node));
    if (named != qualified.end()) {
      named->second = node;
    }
  }
  return qualified;
}

void AddQualifiedSpare(const SupplyGraph& graph, NodeIndex buyer, const Need& need,
                       const std::map<NodeKey, NodeIndex>& qualified, Group& group) {
  for (const std::string& name : need.qualified) {
    const NodeIndex node = qualified.at({name, graph.Key(buyer).mineral});
    if (node == kNoNode) {
      continue;
    }
    const Offer* offer = OfferFor(graph.Facts(node), {need.product, 0}, need.grade);
    if (offer != nullptr && offer->spare_tonnes_per_year.value_or(0) > 0) {
      group.sources.push_back(node);
    }
  }
}

Group GroupOf(const SupplyGraph& graph, NodeIndex node, const std::string& product,
              const std::map<NodeKey, NodeIndex>& qualified) {
  constexpr double kRounding = 1e-9;
  NodeFacts facts = graph.Facts(node);
  std::erase_if(facts.needs, [&](const Need& need) { return need.product != product; });
  std::vector<Link> links = graph.Links(node);
  std::erase_if(links, [&](const Link& link) { return link.product != product; });
  Group group;
  for (const Link& link : links) {
    group.sources.push_back(link.from);
  }
  group.unknown = InputRowOf(facts, links).unknown > kRounding;
  if (const Need* need = NeedOf(facts, product)) {
    AddQualifiedSpare(graph, node, *need, qualified, group);
  }
  return group;
}

std::vector<Group> GroupsOf(const SupplyGraph& graph, NodeIndex node, const std::map<NodeKey, NodeIndex>& qualified) {
  if (graph.Inputs(node).own > 0) {
    return {};
  }
  std::set<std::string> products;
  for (const Link& link : graph.Links(node)) {
    products.insert(link.product);
  }
  std::vector<Group> groups;
  groups.reserve(products.size());
  for (const std::string& product : products) {
    groups.push_back(GroupOf(graph, node, product, qualified));
  }
  return groups;
}

Upstream UpstreamOf(const SupplyGraph& graph, NodeIndex node, size_t max_upstream) {
  Upstream upstream;
  std::set<NodeIndex> seen = {node};
  upstream.nodes = {node};
  upstream.tiers = {0};
  for (size_t i = 0; i < upstream.nodes.size() && upstream.tiers[i] < kMaxTier; ++i) {
    for (const Link& link : graph.Links(upstream.nodes[i])) {
      if (seen.contains(link.from)) {
        continue;
      }
      if (upstream.nodes.size() > max_upstream) {
        upstream.truncated = true;
        break;
      }
      seen.insert(link.from);
      upstream.nodes.push_back(link.from);
      upstream.tiers.push_back(upstream.tiers[i] + 1);
    }
  }
  const std::map<NodeKey, NodeIndex> qualified = QualifiedBy(graph, upstream.nodes);
  for (size_t i = 0; i < upstream.nodes.size() && upstream.tiers[i] < kMaxTier; ++i) {
    upstream.groups[upstream.nodes[i]] = GroupsOf(graph, upstream.nodes[i], qualified);
  }
  return upstream;
}

// What is lost together, but for the first of upstream.
struct Candidate {
  std::vector<NodeIndex> nodes;
  int tier = kMaxTier;
};

// By name.
std::map<std::string, Candidate> CandidatesOf(const SupplyGraph& graph, const Upstream& upstream, GroupBy group_by) {
  std::map<std::string, Candidate> candidates;
  for (size_t i = 1; i < upstream.nodes.size(); ++i) {
    const std::string& name = graph.Key(upstream.nodes[i]).name;
    Candidate& candidate = candidates[group_by == GroupBy::kSupplier ? SupplierOf(name) : name];
    candidate.nodes.push_back(upstream.nodes[i]);
    candidate.tier = std::min(candidate.tier, upstream.tiers[i]);
  }
  return candidates;
}

// Whether the first of upstream is lost with `lost`, and whether that is certain.
std::optional<bool> LostWith(const Upstream& upstream, const std::vector<NodeIndex>& lost) {
  std::map<NodeIndex, bool> certain;
  for (const NodeIndex node : lost) {
    certain[node] = true;
  }
  const auto cut = [&](const Group& group) {
    return std::all_of(group.sources.begin(), group.sources.end(),
                       [&](NodeIndex source) { return certain.contains(source); });
  };
  const auto surely = [&](const Group& group) {
    return cut(group) && !group.unknown &&
           std::all_of(group.sources.begin(), group.sources.end(),
                       [&](NodeIndex source) { return certain.at(source); });
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& [node, groups] : upstream.groups) {
      const auto known = certain.find(node);
      if (known != certain.end() && known->second) {
        continue;
      }
      const bool sure = std::any_of(groups.begin(), groups.end(), surely);
      if (sure || (known == certain.end() && std::any_of(groups.begin(), groups.end(), cut))) {
        certain[node] = sure;
        changed = true;
      }
    }
  }
  const auto end = certain.find(upstream.nodes.front());
  return end == certain.end() ? std::nullopt : std::optional<bool>(end->second);
}

}  // namespace

std::vector<Alternative> AlternativesOf(const SupplyGraph& graph, NodeIndex buyer, const Wanted& wanted) {
  const Need* need = NeedOf(graph.Facts(buyer), wanted.product);
  const std::set<std::string> qualified =
      need == nullptr ? std::set<std::string>() : std::set<std::string>(need->qualified.begin(), need->qualified.end());
  std::vector<Alternative> alternatives;
  for (NodeIndex node = 0; node < graph.node_count(); ++node) {
    if (node == buyer || graph.Key(node).mineral != graph.Key(buyer).mineral) {
      continue;
    }
    const Offer* offer = OfferFor(graph.Facts(node), wanted, need == nullptr ? "" : need->grade);
    if (offer == nullptr || Supplies(graph, node, buyer, wanted.product)) {
      continue;
    }
    alternatives.push_back({node, offer->spare_tonnes_per_year, qualified.contains(graph.Key(node).name),
                            need == nullptr ? std::nullopt : need->months_to_qualify});
  }
  std::sort(alternatives.begin(), alternatives.end(), [&](const Alternative& a, const Alternative& b) {
    return std::tie(b.qualified, graph.Key(a.node).name) < std::tie(a.qualified, graph.Key(b.node).name);
  });
  return alternatives;
}

FailurePoints FailurePointsOf(const SupplyGraph& graph, NodeIndex node, size_t max_upstream, GroupBy group_by,
                              const Patience& patience) {
  const Upstream upstream = UpstreamOf(graph, node, max_upstream);
  FailurePoints found;
  found.truncated = upstream.truncated;
  for (const auto& [name, candidate] : CandidatesOf(graph, upstream, group_by)) {
    if (!Lasts(patience)) {
      break;
    }
    if (const std::optional<bool> certain = LostWith(upstream, candidate.nodes)) {
      found.points.push_back({name, candidate.tier, *certain});
    }
  }
  std::stable_sort(found.points.begin(), found.points.end(),
                   [](const FailurePoint& a, const FailurePoint& b) { return a.tier < b.tier; });
  return found;
}

}  // namespace orewatch::risk
