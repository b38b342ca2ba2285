#include "services/risk/domain/chain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/chain_nodes.h"

namespace orewatch::risk {
namespace {

std::string MadeKey(const std::string& mineral, const std::string& product) {
  return absl::StrCat(mineral, "\n", product);
}

std::string StageKey(const std::string& mineral, StageNumber stage) { return absl::StrCat(mineral, "\n", stage); }

std::vector<std::string> NamesAt(const SharedMap<SharedMap<bool>>& names_by_key, const std::string& key) {
  std::vector<std::string> names;
  if (const SharedMap<bool>* found = names_by_key.Find(key)) {
    found->ForEach([&](const std::string& name, bool) { names.push_back(name); });
  }
  return names;
}

}  // namespace

const std::vector<NodeIndex>& Chain::NodesOf(const std::string& name) const {
  static const auto* const kNone = new std::vector<NodeIndex>();
  const std::vector<NodeIndex>* found = nodes_of.Find(name);
  return found == nullptr ? *kNone : *found;
}

NodeIndex Chain::Find(const NodeKey& key) const {
  const std::vector<NodeIndex>& nodes = NodesOf(key.name);
  const auto found =
      std::find_if(nodes.begin(), nodes.end(), [&](NodeIndex node) { return graph.Key(node).mineral == key.mineral; });
  return found == nodes.end() ? kNoNode : *found;
}

const ChainFacts::Links& ChainFacts::LinksTo(const std::string& receiver) const {
  static const auto* const kNone = new Links();
  const Links* found = links_to_.Find(receiver);
  return found == nullptr ? *kNone : *found;
}

const std::set<std::string>& ChainFacts::FacilitiesOf(const std::string& supplier) const {
  static const auto* const kNone = new std::set<std::string>();
  const std::set<std::string>* found = facilities_of_.Find(supplier);
  return found == nullptr ? *kNone : *found;
}

std::vector<std::string> ChainFacts::MakersOf(const std::string& mineral, const std::string& product) const {
  return NamesAt(makers_, MadeKey(mineral, product));
}

std::vector<std::string> ChainFacts::MakersAt(const SeriesId& id) const {
  return NamesAt(makers_at_, StageKey(id.mineral, id.stage));
}

void ChainFacts::Unlist(uint64_t edit, const std::string& name, const FacilityFact& facility) {
  facilities_of_.Write(edit, SupplierOf(name)).erase(name);
  for (const FacilityOutput& output : facility.outputs) {
    makers_.Write(edit, MadeKey(output.mineral, output.product)).Erase(edit, name);
    makers_at_.Write(edit, StageKey(output.mineral, output.stage)).Erase(edit, name);
  }
}

void ChainFacts::List(uint64_t edit, const std::string& name, const FacilityFact& facility) {
  facilities_of_.Write(edit, SupplierOf(name)).insert(name);
  for (const FacilityOutput& output : facility.outputs) {
    if (facility.operating) {
      makers_.Write(edit, MadeKey(output.mineral, output.product)).Write(edit, name) = true;
      makers_at_.Write(edit, StageKey(output.mineral, output.stage)).Write(edit, name) = true;
    }
  }
}

void ChainFacts::Put(uint64_t edit, const std::string& name, const std::shared_ptr<const FacilityFact>& fact) {
  if (const FacilityFact* before = Facility(name)) {
    Unlist(edit, name, *before);
  }
  Set(edit, name, fact, facilities_);
  if (fact != nullptr) {
    List(edit, name, *fact);
  }
}

void ChainFacts::Put(uint64_t edit, const std::string& name, const std::shared_ptr<const SupplierFact>& fact) {
  Set(edit, name, fact, suppliers_);
}

void ChainFacts::Put(uint64_t edit, const std::string& name, const std::shared_ptr<const ChainLinkFact>& fact) {
  const auto place_of = [&](Links& links) {
    return std::lower_bound(links.begin(), links.end(), name,
                            [](const auto& link, const std::string& sought) { return link->name < sought; });
  };
  if (const ChainLinkFact* before = Link(name)) {
    Links& links = links_to_.Write(edit, before->to);
    links.erase(place_of(links));
  }
  Set(edit, name, fact, links_);
  if (fact != nullptr) {
    Links& links = links_to_.Write(edit, fact->to);
    links.insert(place_of(links), fact);
  }
}

void ChainFacts::Put(uint64_t edit, const std::string& name, const std::shared_ptr<const RequirementFact>& fact) {
  Set(edit, name, fact, requirements_);
}

}  // namespace orewatch::risk
