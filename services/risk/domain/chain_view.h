// The supply chains that one principal may read: what everybody may, and what he may beyond that. Nothing else is in
// it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/risk/domain/chain.h"
#include "services/risk/domain/supply_paths.h"

namespace orewatch::risk {

// Cheap to make. Thread-safe.
class ChainView {
 public:
  ChainView(std::shared_ptr<const Chain> chain, const std::string& principal);
  // Of nobody in particular.
  explicit ChainView(std::shared_ptr<const Chain> chain) : chain_(std::move(chain)) {}

  // He may read what everybody may and no more.
  bool only_public() const { return own_ == nullptr; }
  const Chain& chain() const { return *chain_; }

  // Null: there is none for him. Valid while this lives.
  const FacilityFact* Facility(const std::string& name) const;
  const SupplierFact* Supplier(const std::string& name) const;
  const RequirementFact* Requirement(const std::string& name) const;
  bool Knows(const std::string& name) const { return Facility(name) != nullptr || Supplier(name) != nullptr; }
  // Of every mineral, by name.
  std::vector<const ChainLinkFact*> LinksTo(const std::string& receiver) const;
  std::set<std::string> FacilitiesOf(const std::string& supplier) const;
  std::vector<std::string> MakersOf(const std::string& mineral, const std::string& product) const;

  // Nothing: he knows of no such facility or supplier.
  std::optional<NodeFacts> Node(const NodeKey& key) const;
  // In whose chains a facility or supplier uses, makes or receives something.
  std::set<std::string> MineralsOf(const std::string& name) const;

 private:
  std::shared_ptr<const Chain> chain_;
  const ChainFacts* own_ = nullptr;
};

// What lies up to kMaxTier links upstream of one node: exposures, shares, paths and failure points of `root` are those
// of the whole chain, to the bit.
struct Cone {
  SupplyGraph graph;
  NodeIndex root = kNoNode;
};

// How many links one answer may look at; what it has left.
struct LinkBudget {
  size_t links = 0;
  Patience patience = nullptr;
};

// Takes from the budget what it looks at; nothing: more lies upstream than is left, or nobody waits any more. Where a
// product is named, `root` is a node of its own that uses and gets this product alone.
std::optional<Cone> ConeOf(const ChainView& view, const NodeKey& root, const std::string& product, LinkBudget& budget);

// The buyer, and who makes the product, whether he supplies it or not. Nothing: too many make it.
std::optional<Cone> MarketOf(const ChainView& view, const NodeKey& buyer, const std::string& product,
                             LinkBudget& budget);

struct NodeExposure {
  std::array<TierShares, kMaxTier> tiers;
  // Bits of InputFlag.
  uint8_t flags = 0;
};

// Of the product alone, unless that is empty. Nothing: more lies upstream than is left of the budget. Who may read what
// everybody may and no more gets what is kept current, which takes nothing from it.
std::optional<NodeExposure> ExposureOf(const ChainView& view, const NodeKey& key, const std::string& product,
                                       LinkBudget& budget);

}  // namespace orewatch::risk
