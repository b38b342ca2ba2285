#include "services/risk/domain/chain_editor.h"

#include <utility>

#include "services/risk/domain/calendar.h"
#include "services/risk/domain/chain_nodes.h"

namespace orewatch::risk {
namespace {

template <typename Fact>
void PutFor(uint64_t edit, const std::string& name, const Readers& readers, const std::shared_ptr<const Fact>& fact,
            Chain& chain) {
  if (readers.everybody) {
    return chain.everybodys.Put(edit, name, fact);
  }
  for (const std::string& principal : readers.principals) {
    ChainFacts& facts = chain.of_principals.Write(edit, principal);
    facts.Put(edit, name, fact);
    if (facts.empty()) {
      chain.of_principals.Erase(edit, principal);
    }
  }
}

std::optional<NodeFacts> PublicNode(const ChainFacts& facts, const NodeKey& key, bool touched) {
  if (const FacilityFact* facility = facts.Facility(key.name)) {
    return touched || MineralsOf(*facility).contains(key.mineral) ? std::optional(NodeOf(*facility, key.mineral))
                                                                  : std::nullopt;
  }
  const SupplierFact* supplier = facts.Supplier(key.name);
  return supplier != nullptr && touched ? std::optional(NodeOf(*supplier)) : std::nullopt;
}

}  // namespace

template <typename Fact>
ChainEditor::Seen<Fact> ChainEditor::Replace(const std::string& name, const Fact* before,
                                             const std::optional<Fact>& after, Hidden<Fact>& hidden,
                                             Chain& next) const {
  Seen<Fact> seen;
  if (before != nullptr) {
    seen.before = std::make_shared<const Fact>(*before);
    PutFor<Fact>(edit_, name, before->readers, nullptr, next);
  } else if (const auto found = hidden.find(name); found != hidden.end()) {
    PutFor<Fact>(edit_, name, found->second->readers, nullptr, next);
    hidden.erase(found);
  }
  if (after.has_value()) {
    const auto fact = std::make_shared<const Fact>(*after);
    PutFor<Fact>(edit_, name, fact->readers, fact, next);
    if (fact->readers.everybody) {
      seen.after = fact;
    } else {
      hidden.emplace(name, fact);
    }
  }
  return seen;
}

void ChainEditor::Touch(const NodeKey& key, int by) {
  std::map<std::string, int>& minerals = touching_[key.name];
  int& count = minerals[key.mineral];
  count += by;
  if (count == 0) {
    minerals.erase(key.mineral);
  }
  if (minerals.empty()) {
    touching_.erase(key.name);
  }
  affected_.insert(key);
}

void ChainEditor::Affect(const std::string& name) {
  if (const auto found = touching_.find(name); found != touching_.end()) {
    for (const auto& [mineral, count] : found->second) {
      affected_.insert({name, mineral});
    }
  }
}

void ChainEditor::ApplyFacilities(const ChainChanges& changes, Chain& next) {
  for (const auto& [name, fact] : changes.facilities) {
    const Seen<FacilityFact> seen = Replace(name, next.everybodys.Facility(name), fact, hidden_facilities_, next);
    for (const auto& side : {seen.before, seen.after}) {
      if (side != nullptr) {
        for (const std::string& mineral : MineralsOf(*side)) {
          affected_.insert({name, mineral});
        }
        Affect(name);
      }
    }
  }
}

void ChainEditor::ApplyLink(const std::string& name, const std::optional<ChainLinkFact>& fact, Chain& next) {
  const Seen<ChainLinkFact> seen = Replace(name, next.everybodys.Link(name), fact, hidden_links_, next);
  if (seen.before != nullptr) {
    Touch({seen.before->from, seen.before->mineral}, -1);
    Touch({seen.before->to, seen.before->mineral}, -1);
    graph_changes_.links[name] = std::nullopt;
  }
  if (seen.after != nullptr) {
    Touch({seen.after->from, seen.after->mineral}, 1);
    Touch({seen.after->to, seen.after->mineral}, 1);
    graph_changes_.links[name] = LinkOf(*seen.after);
  }
}

void ChainEditor::ApplyLinks(const ChainChanges& changes, Chain& next) {
  static const auto* const kNone = new std::optional<ChainLinkFact>();
  const std::string before = std::exchange(today_, changes.today.value_or(today_));
  for (const auto& [name, fact] : changes.links) {
    if (fact.has_value() && !fact->ends.empty()) {
      ending_[name] = fact;
      ApplyLink(name, IsPast(fact->ends, today_) ? *kNone : fact, next);
    } else {
      ending_.erase(name);
      ApplyLink(name, fact, next);
    }
  }
  if (today_ == before) {
    return;
  }
  for (const auto& [name, fact] : ending_) {
    const bool past = IsPast(fact->ends, today_);
    if (past != IsPast(fact->ends, before) && !changes.links.contains(name)) {
      ApplyLink(name, past ? *kNone : fact, next);
    }
  }
}

void ChainEditor::ApplyRest(const ChainChanges& changes, Chain& next) {
  for (const auto& [name, fact] : changes.suppliers) {
    const Seen<SupplierFact> seen = Replace(name, next.everybodys.Supplier(name), fact, hidden_suppliers_, next);
    if (seen.before != nullptr || seen.after != nullptr) {
      Affect(name);
    }
  }
  for (const auto& [name, fact] : changes.requirements) {
    Replace(name, next.everybodys.Requirement(name), fact, hidden_requirements_, next);
  }
}

void ChainEditor::ComputeGraph(Chain& next) {
  for (const NodeKey& key : std::exchange(affected_, {})) {
    const auto touching = touching_.find(key.name);
    const bool touched = touching != touching_.end() && touching->second.contains(key.mineral);
    graph_changes_.nodes[key] = PublicNode(next.everybodys, key, touched);
  }
  const GraphChanges changes = std::exchange(graph_changes_, {});
  const bool first = edit_ == 1;
  if (!first && changes.nodes.empty() && changes.links.empty()) {
    return;
  }
  const auto known = static_cast<NodeIndex>(graph_.graph().node_count());
  const GraphDelta delta = graph_.Apply(changes);
  next.graph = graph_.graph();
  for (NodeIndex node = known; node < next.graph.node_count(); ++node) {
    next.nodes_of.Write(edit_, next.graph.Key(node).name).push_back(node);
  }
  next.exposure = first ? Exposure::Of(next.graph, threads_) : next.exposure.Updated(next.graph, delta, 1);
}

std::shared_ptr<const Chain> ChainEditor::Apply(const ChainChanges& changes) {
  if (edit_ > 0 && changes.empty()) {
    return chain_;
  }
  auto next = std::make_shared<Chain>(*chain_);
  ++edit_;
  ApplyFacilities(changes, *next);
  ApplyLinks(changes, *next);
  ApplyRest(changes, *next);
  ComputeGraph(*next);
  chain_ = next;
  return next;
}

}  // namespace orewatch::risk
