// The supply chains of one revision: what everybody may read of them, computed; and what only some may read, aside.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/chain_facts.h"
#include "services/risk/domain/exposure.h"
#include "services/risk/domain/shared_map.h"

namespace orewatch::risk {

// A set of facts, by resource name. Immutable but for its one writer, whose edits SharedMap explains.
class ChainFacts {
 public:
  using Links = std::vector<std::shared_ptr<const ChainLinkFact>>;

  // Null: there is none. Valid while this lives unchanged.
  const FacilityFact* Facility(const std::string& name) const { return Of(facilities_, name); }
  const SupplierFact* Supplier(const std::string& name) const { return Of(suppliers_, name); }
  const ChainLinkFact* Link(const std::string& name) const { return Of(links_, name); }
  const RequirementFact* Requirement(const std::string& name) const { return Of(requirements_, name); }
  // Of every mineral, by name.
  const Links& LinksTo(const std::string& receiver) const;
  const std::set<std::string>& FacilitiesOf(const std::string& supplier) const;
  // Facilities that make the product, and run; in no order.
  std::vector<std::string> MakersOf(const std::string& mineral, const std::string& product) const;
  // Facilities that make whatever of the mineral at the stage, and run; in no order.
  std::vector<std::string> MakersAt(const SeriesId& id) const;
  // `visit` gets the name of each facility and supplier; in no order.
  template <typename Visit>
  void ForEachName(const Visit& visit) const {
    facilities_.ForEach([&](const std::string& name, const auto& /*fact*/) { visit(name); });
    suppliers_.ForEach([&](const std::string& name, const auto& /*fact*/) { visit(name); });
  }
  template <typename Visit>
  void ForEachLink(const Visit& visit) const {
    links_.ForEach([&](const std::string& /*name*/, const auto& fact) { visit(*fact); });
  }
  bool empty() const { return facilities_.empty() && suppliers_.empty() && links_.empty() && requirements_.empty(); }

  // Null: it is gone.
  void Put(uint64_t edit, const std::string& name, const std::shared_ptr<const FacilityFact>& fact);
  void Put(uint64_t edit, const std::string& name, const std::shared_ptr<const SupplierFact>& fact);
  void Put(uint64_t edit, const std::string& name, const std::shared_ptr<const ChainLinkFact>& fact);
  void Put(uint64_t edit, const std::string& name, const std::shared_ptr<const RequirementFact>& fact);

 private:
  template <typename Fact>
  using ByName = SharedMap<std::shared_ptr<const Fact>>;

  template <typename Fact>
  static const Fact* Of(const ByName<Fact>& facts, const std::string& name) {
    const auto* found = facts.Find(name);
    return found == nullptr ? nullptr : found->get();
  }
  template <typename Fact>
  static void Set(uint64_t edit, const std::string& name, const std::shared_ptr<const Fact>& fact,
                  ByName<Fact>& facts) {
    if (fact == nullptr) {
      facts.Erase(edit, name);
    } else {
      facts.Write(edit, name) = fact;
    }
  }
  void Unlist(uint64_t edit, const std::string& name, const FacilityFact& facility);
  void List(uint64_t edit, const std::string& name, const FacilityFact& facility);

  ByName<FacilityFact> facilities_;
  ByName<SupplierFact> suppliers_;
  ByName<ChainLinkFact> links_;
  ByName<RequirementFact> requirements_;
  SharedMap<Links> links_to_;
  SharedMap<std::set<std::string>> facilities_of_;
  // By mineral and product, the names of facilities.
  SharedMap<SharedMap<bool>> makers_;
  // By mineral and stage, the same.
  SharedMap<SharedMap<bool>> makers_at_;
};

// Immutable, so thread-safe.
struct Chain {
  // The node's number in `graph`; kNoNode: nothing public speaks of it.
  NodeIndex Find(const NodeKey& key) const;
  // Of every mineral; valid while this lives.
  const std::vector<NodeIndex>& NodesOf(const std::string& name) const;

  ChainFacts everybodys;
  // What each principal may read beyond that.
  SharedMap<ChainFacts> of_principals;
  // Of what everybody may read.
  SupplyGraph graph;
  Exposure exposure;
  // Numbers of the graph's nodes by name.
  SharedMap<std::vector<NodeIndex>> nodes_of;
};

}  // namespace orewatch::risk
