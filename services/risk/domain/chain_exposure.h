// Exposures by country as one principal sees them: rows that are kept current, save where facts of his own reach.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/chain_cone.h"

namespace orewatch::risk {

struct NodeExposure {
  std::array<TierShares, kMaxTier> tiers;
  // Bits of InputFlag.
  uint8_t flags = 0;
};

// Of one answer; the view outlives it. Not thread-safe.
class ExposureReader {
 public:
  explicit ExposureReader(const ChainView& view) : view_(view), chain_(view.chain()) {}

  // Of the product alone, unless that is empty. Within kMaxTier links downstream of his own facts it is computed, over
  // the rows kept of what they do not reach; nothing: they reach more links upstream of it than is left of the budget,
  // or nobody waits any more. Elsewhere it is kept, which takes nothing from the budget.
  std::optional<NodeExposure> Of(const NodeKey& key, const std::string& product, LinkBudget& budget);

 private:
  bool Reached(NodeIndex node) const { return node >= reached_.size() || reached_[node]; }
  // Finds what his own facts reach, once.
  void Reach();
  NodeExposure Kept(NodeIndex node, const std::string& product) const;

  const ChainView& view_;
  const Chain& chain_;
  // By the numbers of the public graph.
  std::vector<bool> reached_;
};

}  // namespace orewatch::risk
