// Turns changes of chains into the next snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "services/risk/domain/chain.h"
#include "services/risk/domain/supply_graph_editor.h"

namespace orewatch::risk {

// The one writer of a history of chains. Not thread-safe; the snapshots it has handed out are.
class ChainEditor {
 public:
  // `threads` for the first snapshot, which is computed as a whole.
  explicit ChainEditor(int threads) : threads_(threads), chain_(std::make_shared<const Chain>()) {}

  // Computes what the changes reach; the exposure has the same bits as one that is computed as a whole.
  std::shared_ptr<const Chain> Apply(const ChainChanges& changes);

 private:
  // Facts that not everybody may read, by name.
  template <typename Fact>
  using Hidden = std::unordered_map<std::string, std::shared_ptr<const Fact>>;
  // What everybody could read of a fact before and can read now; null: nothing.
  template <typename Fact>
  struct Seen {
    std::shared_ptr<const Fact> before;
    std::shared_ptr<const Fact> after;
  };

  template <typename Fact>
  Seen<Fact> Replace(const std::string& name, const Fact* before, const std::optional<Fact>& after,
                     Hidden<Fact>& hidden, Chain& next) const;
  void ApplyFacilities(const ChainChanges& changes, Chain& next);
  // Those that changed, and those that the day ends or, where it goes back, brings back.
  void ApplyLinks(const ChainChanges& changes, Chain& next);
  void ApplyLink(const std::string& name, const std::optional<ChainLinkFact>& fact, Chain& next);
  void ApplyRest(const ChainChanges& changes, Chain& next);
  // A link begins (1) or ends (-1) to speak of the node.
  void Touch(const NodeKey& key, int by);
  void Affect(const std::string& name);
  void ComputeGraph(Chain& next);

  const int threads_;
  std::shared_ptr<const Chain> chain_;
  uint64_t edit_ = 0;
  SupplyGraphEditor graph_;
  Hidden<FacilityFact> hidden_facilities_;
  Hidden<SupplierFact> hidden_suppliers_;
  Hidden<ChainLinkFact> hidden_links_;
  Hidden<RequirementFact> hidden_requirements_;
  std::string today_;
  // Links that end on a day, past or to come, by name.
  std::unordered_map<std::string, std::optional<ChainLinkFact>> ending_;
  // How many public links speak of a name, by mineral.
  std::unordered_map<std::string, std::map<std::string, int>> touching_;
  // Of the change at hand.
  std::set<NodeKey> affected_;
  GraphChanges graph_changes_;
};

}  // namespace orewatch::risk
