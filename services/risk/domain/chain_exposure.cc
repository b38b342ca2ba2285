#include "services/risk/domain/chain_exposure.h"

#include <utility>

namespace orewatch::risk {

void ExposureReader::Reach() {
  if (!reached_.empty()) {
    return;
  }
  reached_.resize(chain_.graph.node_count());
  std::vector<NodeIndex> front = view_.OwnNodes();
  for (int distance = 0; distance <= kMaxTier; ++distance) {
    std::vector<NodeIndex> next;
    for (const NodeIndex node : front) {
      if (!reached_[node]) {
        reached_[node] = true;
        const std::vector<NodeIndex>& buyers = chain_.graph.Buyers(node);
        next.insert(next.end(), buyers.begin(), buyers.end());
      }
    }
    front = std::move(next);
  }
}

NodeExposure ExposureReader::Kept(NodeIndex node, const std::string& product) const {
  if (!product.empty()) {
    return {ExposureOfProduct(chain_.graph, chain_.exposure, node, product),
            InputsOfProduct(chain_.graph, node, product).flags};
  }
  NodeExposure kept;
  kept.flags = chain_.graph.Inputs(node).flags;
  for (int tier = 1; tier <= kMaxTier; ++tier) {
    const TierView row = chain_.exposure.Tier(node, tier);
    kept.tiers[static_cast<size_t>(tier - 1)] = {{row.countries.begin(), row.countries.end()}, row.own, row.unknown};
  }
  return kept;
}

std::optional<NodeExposure> ExposureReader::Of(const NodeKey& key, const std::string& product, LinkBudget& budget) {
  Reach();
  const auto reached = [this](NodeIndex node) { return Reached(node); };
  const NodeIndex node = chain_.Find(key);
  if (node != kNoNode && !Reached(node)) {
    return Kept(node, product);
  }
  const std::optional<Cone> cone = ConeOf(view_, key, product, kMaxTier, budget, reached);
  if (!cone.has_value()) {
    return std::nullopt;
  }
  return NodeExposure{
      ExposureOfNode(cone->graph, cone->root, {&chain_.exposure, [&](NodeIndex each) { return !Reached(each); }}),
      cone->graph.Inputs(cone->root).flags};
}

}  // namespace orewatch::risk
