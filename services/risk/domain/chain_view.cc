#include "services/risk/domain/chain_view.h"

#include <algorithm>
#include <utility>

#include "services/risk/domain/chain_nodes.h"
#include "services/risk/domain/supply_graph_editor.h"

namespace orewatch::risk {
namespace {

bool Take(size_t links, LinkBudget& budget) {
  if (budget.links < links || !Lasts(budget.patience)) {
    return false;
  }
  budget.links -= links;
  return true;
}

void AddNode(const ChainView& view, const NodeKey& key, GraphChanges& changes) {
  const auto [place, added] = changes.nodes.try_emplace(key);
  if (added) {
    place->second = view.Node(key);
  }
}

// Adds the links to a node, and those that it names as qualified; false: more than is left of the budget.
bool AddInputs(const ChainView& view, const NodeKey& key, GraphChanges& changes, std::vector<NodeKey>& suppliers,
               LinkBudget& budget) {
  const std::vector<const ChainLinkFact*> links = view.LinksTo(key.name);
  if (!Take(links.size(), budget)) {
    return false;
  }
  for (const ChainLinkFact* link : links) {
    if (link->mineral == key.mineral) {
      changes.links[link->name] = LinkOf(*link);
      suppliers.push_back({link->from, key.mineral});
    }
  }
  if (const auto& facts = changes.nodes.at(key); facts.has_value()) {
    for (const Need& need : facts->needs) {
      if (!Take(need.qualified.size(), budget)) {
        return false;
      }
      for (const std::string& name : need.qualified) {
        AddNode(view, {name, key.mineral}, changes);
      }
    }
  }
  return true;
}

// Adds a copy of a node that uses one product alone. Names hold no line breaks, so that it is like no other, and its
// links keep their order.
NodeKey AddOneOfProduct(const NodeKey& whole, const std::string& product, GraphChanges& changes) {
  constexpr char kMark[] = "\n";
  NodeKey key = {whole.name + kMark, whole.mineral};
  NodeFacts facts = *changes.nodes.at(whole);
  std::erase_if(facts.needs, [&](const Need& need) { return need.product != product; });
  changes.nodes[key] = std::move(facts);
  std::map<std::string, std::optional<LinkFacts>> links;
  for (const auto& [name, link] : changes.links) {
    if (link->to == whole.name && link->product == product) {
      links[name + kMark] = link;
      links[name + kMark]->to = key.name;
    }
  }
  changes.links.merge(links);
  return key;
}

Cone Build(const NodeKey& root, const GraphChanges& changes) {
  SupplyGraphEditor editor;
  editor.Apply(changes);
  return {editor.graph(), editor.Find(root)};
}

NodeExposure ExposureIn(const SupplyGraph& graph, const Exposure& exposure, NodeIndex node) {
  NodeExposure found;
  found.flags = graph.Inputs(node).flags;
  for (int tier = 1; tier <= kMaxTier; ++tier) {
    const TierView view = exposure.Tier(node, tier);
    found.tiers[static_cast<size_t>(tier - 1)] = {
        {view.countries.begin(), view.countries.end()}, view.own, view.unknown};
  }
  return found;
}

}  // namespace

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

std::vector<std::string> ChainView::MakersOf(const std::string& mineral, const std::string& product) const {
  std::vector<std::string> names = chain_->everybodys.MakersOf(mineral, product);
  if (own_ != nullptr) {
    const std::vector<std::string> own = own_->MakersOf(mineral, product);
    names.insert(names.end(), own.begin(), own.end());
  }
  return names;
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

std::optional<Cone> ConeOf(const ChainView& view, const NodeKey& root, const std::string& product, LinkBudget& budget) {
  GraphChanges changes;
  std::set<NodeKey> seen = {root};
  std::vector<NodeKey> front = {root};
  AddNode(view, root, changes);
  for (int distance = 0; distance < kMaxTier && !front.empty(); ++distance) {
    std::vector<NodeKey> next;
    for (const NodeKey& buyer : front) {
      std::vector<NodeKey> suppliers;
      if (!AddInputs(view, buyer, changes, suppliers, budget)) {
        return std::nullopt;
      }
      for (NodeKey& supplier : suppliers) {
        AddNode(view, supplier, changes);
        if (seen.insert(supplier).second) {
          next.push_back(std::move(supplier));
        }
      }
    }
    front = std::move(next);
  }
  // A node of which nothing is known stands in the graph by its links, or as one without facts.
  changes.nodes[root] = changes.nodes[root].value_or(NodeFacts{});
  return Build(product.empty() ? root : AddOneOfProduct(root, product, changes), changes);
}

std::optional<Cone> MarketOf(const ChainView& view, const NodeKey& buyer, const std::string& product,
                             LinkBudget& budget) {
  GraphChanges changes;
  std::vector<NodeKey> suppliers;
  AddNode(view, buyer, changes);
  const std::vector<std::string> makers = view.MakersOf(buyer.mineral, product);
  if (!Take(makers.size(), budget) || !AddInputs(view, buyer, changes, suppliers, budget)) {
    return std::nullopt;
  }
  for (const std::string& maker : makers) {
    AddNode(view, {maker, buyer.mineral}, changes);
  }
  changes.nodes[buyer] = changes.nodes[buyer].value_or(NodeFacts{});
  return Build(buyer, changes);
}

std::optional<NodeExposure> ExposureOf(const ChainView& view, const NodeKey& key, const std::string& product,
                                       LinkBudget& budget) {
  if (view.only_public() && product.empty()) {
    if (const NodeIndex node = view.chain().Find(key); node != kNoNode) {
      return ExposureIn(view.chain().graph, view.chain().exposure, node);
    }
  }
  const std::optional<Cone> cone = ConeOf(view, key, product, budget);
  if (!cone.has_value()) {
    return std::nullopt;
  }
  return NodeExposure{ExposureOfNode(cone->graph, cone->root), cone->graph.Inputs(cone->root).flags};
}

}  // namespace orewatch::risk
