// The supply chains that one principal may read: what everybody may, and what he may beyond that. Nothing else is in
// it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/risk/domain/chain.h"

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
  // Makers of the product that not everybody may read; in no order.
  std::vector<std::string> OwnMakersOf(const std::string& mineral, const std::string& product) const;
  // What not everybody may read says something of the node or of a link to it.
  bool OwnSpeaksOf(const NodeKey& key) const;
  // Numbers in the public graph of the nodes that are not as everybody sees them; a few others may be among them.
  std::vector<NodeIndex> OwnNodes() const;

  // Nothing: he knows of no such facility or supplier.
  std::optional<NodeFacts> Node(const NodeKey& key) const;
  // In whose chains a facility or supplier uses, makes or receives something.
  std::set<std::string> MineralsOf(const std::string& name) const;

 private:
  std::shared_ptr<const Chain> chain_;
  const ChainFacts* own_ = nullptr;
};

}  // namespace orewatch::risk
