#include "services/risk/domain/supply_shares.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace orewatch::risk {
namespace {

struct Part {
  double verified = 0;
  double inferred = 0;
  bool present = false;
};

// The nodes up to kMaxTier links upstream. A node's place is its rank by name, so that sums run in an order that no
// history changes.
class Upstream {
 public:
  Upstream(const SupplyGraph& graph, NodeIndex root) : place_of_(graph.node_count(), kNowhere) {
    std::vector<NodeIndex> front = {root};
    place_of_[root] = 0;
    for (int distance = 0; distance < kMaxTier && !front.empty(); ++distance) {
      std::vector<NodeIndex> next;
      for (const NodeIndex buyer : front) {
        for (const Edge& edge : graph.Inputs(buyer).edges) {
          if (edge.weight > 0 && place_of_[edge.from] == kNowhere) {
            place_of_[edge.from] = 0;
            next.push_back(edge.from);
          }
        }
      }
      nodes_.insert(nodes_.end(), front.begin(), front.end());
      front = std::move(next);
    }
    nodes_.insert(nodes_.end(), front.begin(), front.end());
    std::sort(nodes_.begin(), nodes_.end(),
              [&](NodeIndex a, NodeIndex b) { return graph.Key(a).name < graph.Key(b).name; });
    for (size_t place = 0; place < nodes_.size(); ++place) {
      place_of_[nodes_[place]] = static_cast<uint32_t>(place);
    }
  }
  const std::vector<NodeIndex>& nodes() const { return nodes_; }
  size_t PlaceOf(NodeIndex node) const { return place_of_[node]; }

 private:
  static constexpr uint32_t kNowhere = UINT32_MAX;

  std::vector<NodeIndex> nodes_;
  std::vector<uint32_t> place_of_;
};

// By place.
using Front = std::vector<Part>;

Front NextFront(const SupplyGraph& graph, const Upstream& upstream, const Front& front, SupplierTier& tier) {
  Front next(front.size());
  for (size_t place = 0; place < front.size(); ++place) {
    const Part& part = front[place];
    if (!part.present) {
      continue;
    }
    const InputRow& inputs = graph.Inputs(upstream.nodes()[place]);
    const double whole = part.verified + part.inferred;
    tier.own += whole * inputs.own;
    tier.unknown += whole * inputs.unknown;
    for (const Edge& edge : inputs.edges) {
      if (edge.weight == 0) {
        continue;
      }
      Part& to = next[upstream.PlaceOf(edge.from)];
      to.present = true;
      to.verified += edge.verified ? edge.weight * part.verified : 0;
      to.inferred += edge.weight * (edge.verified ? part.inferred : whole);
    }
  }
  return next;
}

// What nodes are summed by.
struct Groups {
  std::vector<std::string> names;
  // By place.
  std::vector<size_t> group_of;
};

Groups GroupsOf(const SupplyGraph& graph, const Upstream& upstream, GroupBy group_by) {
  std::map<std::string, size_t> numbers;
  Groups groups;
  for (const NodeIndex node : upstream.nodes()) {
    const std::string& name = graph.Key(node).name;
    numbers[group_by == GroupBy::kSupplier ? SupplierOf(name) : name] = 0;
  }
  for (auto& [name, number] : numbers) {
    number = groups.names.size();
    groups.names.push_back(name);
  }
  for (const NodeIndex node : upstream.nodes()) {
    const std::string& name = graph.Key(node).name;
    groups.group_of.push_back(numbers.at(group_by == GroupBy::kSupplier ? SupplierOf(name) : name));
  }
  return groups;
}

std::vector<SupplierShare> Grouped(const Front& front, const Groups& groups) {
  std::vector<Part> sums(groups.names.size());
  for (size_t place = 0; place < front.size(); ++place) {
    if (front[place].present) {
      Part& sum = sums[groups.group_of[place]];
      sum.present = true;
      sum.verified += front[place].verified;
      sum.inferred += front[place].inferred;
    }
  }
  std::vector<SupplierShare> shares;
  for (size_t group = 0; group < sums.size(); ++group) {
    if (sums[group].present) {
      shares.push_back({groups.names[group], sums[group].verified, sums[group].inferred});
    }
  }
  return shares;
}

}  // namespace

std::array<SupplierTier, kMaxTier> SupplierShares(const SupplyGraph& graph, NodeIndex node, GroupBy group_by) {
  const Upstream upstream(graph, node);
  const Groups groups = GroupsOf(graph, upstream, group_by);
  std::array<SupplierTier, kMaxTier> tiers;
  Front front(upstream.nodes().size());
  front[upstream.PlaceOf(node)] = {1, 0, true};
  double own = 0;
  double unknown = 0;
  for (SupplierTier& tier : tiers) {
    tier.own = own;
    tier.unknown = unknown;
    front = NextFront(graph, upstream, front, tier);
    own = tier.own;
    unknown = tier.unknown;
    tier.suppliers = Grouped(front, groups);
  }
  return tiers;
}

}  // namespace orewatch::risk
