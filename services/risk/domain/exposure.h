// On which countries a node depends, tier by tier up its chain.
//
//   tier 0 of a node = its own country;  tier k of a node = sum over its links of weight * tier k-1 of the supplier
//
// What begins with a supplier (its own mine) stays in `own` from there on, what has no known source in `unknown`: each
// tier adds up to 1. A walk may pass a node again: cycles count as often as goods run through them. A country's part is
// verified where every link on the way is, and the last supplier's place is known and not its seat alone.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "services/risk/domain/chunk_table.h"
#include "services/risk/domain/supply_graph_editor.h"

namespace orewatch::risk {

inline constexpr int kMaxTier = 6;

struct CountryShare {
  double verified = 0;
  double inferred = 0;
  CountryIndex country = kUnknownCountry;
  bool operator==(const CountryShare&) const = default;
};

// Points into what it came from. `countries` ascends, and holds none of share 0.
struct TierView {
  std::span<const CountryShare> countries;
  double own = 0;
  double unknown = 0;
};

struct TierShares {
  std::vector<CountryShare> countries;
  double own = 0;
  double unknown = 0;
  TierView view() const { return {countries, own, unknown}; }
  bool operator==(const TierShares&) const = default;
};

class RowChunk;

// Every node's tiers. Immutable; copies share what they have in common.
class Exposure {
 public:
  // The same bits for any number of threads.
  static Exposure Of(const SupplyGraph& graph, int threads);

  // Of the graph after `delta`, recomputing only what that reaches: the same bits as `Of`.
  Exposure Updated(const SupplyGraph& graph, const GraphDelta& delta, int threads) const;

  // 1 <= tier <= kMaxTier; valid while this lives.
  TierView Tier(NodeIndex node, int tier) const;
  // Rows (one node at one tier) that were computed to make this.
  size_t computed_rows() const { return computed_rows_; }
  // Of the rows, shared or not.
  size_t bytes() const;

 private:
  class Builder;

  std::array<ChunkTable<RowChunk>, kMaxTier> tiers_;
  size_t computed_rows_ = 0;
};

// Rows of some nodes of a graph that need not be computed.
struct KeptRows {
  const Exposure* exposure = nullptr;
  std::function<bool(NodeIndex)> has = [](NodeIndex) { return false; };
};

// Tiers 1 to kMaxTier of one node, from what lies upstream of it alone, up to what is kept: the same bits as
// Exposure's.
std::array<TierShares, kMaxTier> ExposureOfNode(const SupplyGraph& graph, NodeIndex node, const KeptRows& kept = {});

// What the node uses of one product.
InputRow InputsOfProduct(const SupplyGraph& graph, NodeIndex node, const std::string& product);
// `links`: those of the product.
InputRow InputsOfProduct(const NodeFacts& facts, const std::string& product, const std::vector<Link>& links);

// The same of one product that the node uses.
std::array<TierShares, kMaxTier> ExposureOfProduct(const SupplyGraph& graph, const Exposure& exposure, NodeIndex node,
                                                   const std::string& product);

}  // namespace orewatch::risk
