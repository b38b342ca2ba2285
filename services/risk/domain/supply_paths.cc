#include "services/risk/domain/supply_paths.h"

#include <algorithm>
#include <map>

namespace orewatch::risk {
namespace {

struct Part {
  NodeIndex node = 0;
  double verified = 0;
  double inferred = 0;
};

// By name, so that sums run in an order that no history changes.
using Front = std::map<std::string, Part>;

Front NextFront(const SupplyGraph& graph, const Front& front, SupplierTier& tier) {
  Front next;
  for (const auto& [name, part] : front) {
    const InputRow& inputs = graph.Inputs(part.node);
    const double whole = part.verified + part.inferred;
    tier.own += whole * inputs.own;
    tier.unknown += whole * inputs.unknown;
    for (const Edge& edge : inputs.edges) {
      if (edge.weight == 0) {
        continue;
      }
      Part& to = next[graph.Key(edge.from).name];
      to.node = edge.from;
      to.verified += edge.verified ? edge.weight * part.verified : 0;
      to.inferred += edge.weight * (edge.verified ? part.inferred : whole);
    }
  }
  return next;
}

std::vector<SupplierShare> Grouped(const Front& front, GroupBy group_by) {
  std::map<std::string, SupplierShare> groups;
  for (const auto& [name, part] : front) {
    const std::string group = group_by == GroupBy::kSupplier ? SupplierOf(name) : name;
    SupplierShare& share = groups[group];
    share.name = group;
    share.verified += part.verified;
    share.inferred += part.inferred;
  }
  std::vector<SupplierShare> shares;
  shares.reserve(groups.size());
  for (auto& [name, share] : groups) {
    shares.push_back(std::move(share));
  }
  return shares;
}

// After so many the search asks whether somebody waits for it.
constexpr size_t kStepsAtOnce = 1024;

// A path of unknown share stands behind all others.
double RankOf(const SupplyPath& path) { return path.share.value_or(0); }

bool Before(const SupplyPath& a, const SupplyPath& b) {
  return RankOf(a) != RankOf(b) ? RankOf(a) > RankOf(b) : a.links < b.links;
}

bool IsUnknown(const Link& link, const Edge& edge, const InputRow& inputs) {
  return edge.weight == 0 && inputs.own < 1 && !link.share.has_value() && link.tonnes_per_year != 0.0;
}

// Depth first, along the largest links first.
class PathSearch {
 public:
  PathSearch(const SupplyGraph& graph, const PathQuery& query) : graph_(graph), query_(query) {}

  SupplyPaths Run(NodeIndex node) {
    SupplyPath path;
    path.share = 1;
    Extend(node, path);
    std::sort(found_.paths.begin(), found_.paths.end(), Before);
    return std::move(found_);
  }

 private:
  void Extend(NodeIndex node, const SupplyPath& path) {
    if (path.links.size() == static_cast<size_t>(query_.tier)) {
      return Keep(node, path);
    }
    const InputRow& inputs = graph_.Inputs(node);
    const std::vector<Edge>& edges = inputs.edges;
    const std::vector<Link>& links = graph_.Links(node);
    std::vector<size_t> order;
    for (size_t i = 0; i < edges.size(); ++i) {
      if (edges[i].weight > 0 || IsUnknown(links[i], edges[i], inputs)) {
        order.push_back(i);
      }
    }
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return edges[a].weight > edges[b].weight; });
    for (const size_t i : order) {
      if (steps_++ >= query_.max_steps || (steps_ % kStepsAtOnce == 0 && !Lasts(query_.patience))) {
        found_.gave_up = true;
        return;
      }
      SupplyPath longer = With(links[i], edges[i], path);
      if (Full() && !(RankOf(longer) >= RankOf(found_.paths.front()))) {
        found_.more = true;
        return;
      }
      Extend(edges[i].from, longer);
    }
  }
  static SupplyPath With(const Link& link, const Edge& edge, SupplyPath path) {
    path.links.push_back(link.name);
    path.share =
        path.share.has_value() && edge.weight > 0 ? std::optional<double>(*path.share * edge.weight) : std::nullopt;
    if (!edge.verified) {
      path.verified = false;
      path.confidence = path.confidence.has_value() && link.confidence.has_value()
                            ? std::optional<double>(*path.confidence * *link.confidence)
                            : std::nullopt;
    }
    return path;
  }
  bool Full() const { return found_.paths.size() == query_.max_paths; }
  // A heap whose front is the least of those kept.
  void Keep(NodeIndex node, SupplyPath path) {
    if (query_.country != kUnknownCountry && graph_.Facts(node).country != query_.country) {
      return;
    }
    path.source = node;
    if (graph_.Facts(node).seat_only) {
      path.verified = false;
      path.confidence = std::nullopt;
    }
    if (Full()) {
      found_.more = true;
      if (!Before(path, found_.paths.front())) {
        return;
      }
      std::pop_heap(found_.paths.begin(), found_.paths.end(), Before);
      found_.paths.pop_back();
    }
    found_.paths.push_back(std::move(path));
    std::push_heap(found_.paths.begin(), found_.paths.end(), Before);
  }

  const SupplyGraph& graph_;
  const PathQuery& query_;
  SupplyPaths found_;
  size_t steps_ = 0;
};

}  // namespace

std::array<SupplierTier, kMaxTier> SupplierShares(const SupplyGraph& graph, NodeIndex node, GroupBy group_by) {
  std::array<SupplierTier, kMaxTier> tiers;
  Front front = {{graph.Key(node).name, {node, 1, 0}}};
  double own = 0;
  double unknown = 0;
  for (SupplierTier& tier : tiers) {
    tier.own = own;
    tier.unknown = unknown;
    front = NextFront(graph, front, tier);
    own = tier.own;
    unknown = tier.unknown;
    tier.suppliers = Grouped(front, group_by);
  }
  return tiers;
}

SupplyPaths PathsOf(const SupplyGraph& graph, NodeIndex node, const PathQuery& query) {
  return query.max_paths == 0 ? SupplyPaths{{}, true, false} : PathSearch(graph, query).Run(node);
}

}  // namespace orewatch::risk
