#include "services/risk/domain/supply_paths.h"

#include <algorithm>

namespace orewatch::risk {
namespace {

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
  PathSearch(const SupplyGraph& graph, const PathQuery& query) : graph_(graph), query_(query), steps_(query.patience) {}

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
      if (steps_.taken() >= query_.max_steps || !steps_.Take()) {
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
    if (query_.after.has_value() && !Before(*query_.after, path)) {
      return;
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
  PatientSteps steps_;
};

}  // namespace

SupplyPaths PathsOf(const SupplyGraph& graph, NodeIndex node, const PathQuery& query) {
  return query.max_paths == 0 ? SupplyPaths{{}, true, false} : PathSearch(graph, query).Run(node);
}

}  // namespace orewatch::risk
