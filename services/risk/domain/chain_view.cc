#include "services/risk/domain/chain_view.h"

#include <algorithm>
#include <utility>

#include "services/risk/domain/chain_nodes.h"

namespace orewatch::risk {

ChainView::ChainView(std::shared_ptr<const Chain> chain, const std::string& principal)
    : chain_(std::move(chain)), own_(chain_->of_principals.Find(principal)) {}

const FacilityFact* ChainView::Facility(const std::string& name) const {
  const FacilityFact* own = own_ == nullptr ? nullptr : own_->Facility(name);
  return own == nullptr ? chain_->everybodys.Facility(name) : own;
}

const SupplierFact* ChainView::Supplier(const std::string& name) const {
  const SupplierFact* own = own_ == nullptr ? nullptr : own_->Supplier(name);
  return own == nullptr ? chain_->everybodys.Supplier(name) : own;
}

const RequirementFact* ChainView::Requirement(const std::string& name) const {
  const RequirementFact* own = own_ == nullptr ? nullptr : own_->Requirement(name);
  return own == nullptr ? chain_->everybodys.Requirement(name) : own;
}

std::vector<const ChainLinkFact*> ChainView::LinksTo(const std::string& receiver) const {
  std::vector<const ChainLinkFact*> links;
  const auto add = [&](const ChainFacts& facts) {
    for (const auto& link : facts.LinksTo(receiver)) {
      links.push_back(link.get());
    }
  };
  add(chain_->everybodys);
  const auto middle = static_cast<std::ptrdiff_t>(links.size());
  if (own_ != nullptr) {
    add(*own_);
  }
  std::inplace_merge(links.begin(), links.begin() + middle, links.end(),
                     [](const ChainLinkFact* a, const ChainLinkFact* b) { return a->name < b->name; });
  return links;
}

std::set<std::string> ChainView::FacilitiesOf(const std::string& supplier) const {
  std::set<std::string> names = chain_->everybodys.FacilitiesOf(supplier);
  if (own_ != nullptr) {
    const std::set<std::string>& own = own_->FacilitiesOf(supplier);
    names.insert(own.begin(), own.end());
  }
  return names;
}

std::vector<std::string> ChainView::OwnMakersOf(const std::string& mineral, const std::string& product) const {
  return own_ == nullptr ? std::vector<std::string>() : own_->MakersOf(mineral, product);
}

bool ChainView::OwnSpeaksOf(const NodeKey& key) const {
  if (own_ == nullptr) {
    return false;
  }
  const ChainFacts::Links& links = own_->LinksTo(key.name);
  return own_->Facility(key.name) != nullptr || own_->Supplier(key.name) != nullptr ||
         std::any_of(links.begin(), links.end(), [&](const auto& link) { return link->mineral == key.mineral; });
}

std::vector<NodeIndex> ChainView::OwnNodes() const {
  std::vector<NodeIndex> nodes;
  if (own_ == nullptr) {
    return nodes;
  }
  own_->ForEachName([&](const std::string& name) {
    const std::vector<NodeIndex>& of_name = chain_->NodesOf(name);
    nodes.insert(nodes.end(), of_name.begin(), of_name.end());
  });
  own_->ForEachLink([&](const ChainLinkFact& link) {
    if (const NodeIndex to = chain_->Find({link.to, link.mineral}); to != kNoNode) {
      nodes.push_back(to);
    }
    // A public link may have spoken of it once; now one of his own does.
    if (const NodeIndex from = chain_->Find({link.from, link.mineral}); from != kNoNode && !chain_->graph.Known(from)) {
      nodes.push_back(from);
    }
  });
  return nodes;
}

std::optional<NodeFacts> ChainView::Node(const NodeKey& key) const {
  if (const FacilityFact* facility = Facility(key.name)) {
    return NodeOf(*facility, key.mineral);
  }
  const SupplierFact* supplier = Supplier(key.name);
  return supplier == nullptr ? std::nullopt : std::optional(NodeOf(*supplier));
}

std::set<std::string> ChainView::MineralsOf(const std::string& name) const {
  std::set<std::string> minerals;
  if (const FacilityFact* facility = Facility(name)) {
    minerals = risk::MineralsOf(*facility);
  }
  for (const ChainLinkFact* link : LinksTo(name)) {
    minerals.insert(link->mineral);
  }
  return minerals;
}

}  // namespace orewatch::risk
