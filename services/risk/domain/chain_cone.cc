#include "services/risk/domain/chain_cone.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "services/risk/domain/supply_graph_layer.h"

namespace orewatch::risk {
namespace {

bool Take(size_t links, LinkBudget& budget) {
  if (budget.links < links || !Lasts(budget.patience)) {
    return false;
  }
  budget.links -= links;
  return true;
}

class ConeBuilder {
 public:
  ConeBuilder(const ChainView& view, LinkBudget& budget) : view_(view), budget_(budget), layer_(view.chain().graph) {}

  // The joined node.
  NodeIndex Join(const NodeKey& key) {
    const NodeIndex node = Find(key);
    Join(node);
    return node;
  }
  // Joins what lies up to `depth` links upstream of a node that is joined; false: more than is left of the budget.
  bool Gather(NodeIndex root, int depth, const NodeFilter& through) {
    std::set<NodeIndex> added = {root};
    std::vector<char> seen(view_.chain().graph.node_count());
    const auto is_new = [&](NodeIndex node) {
      if (node >= seen.size()) {
        return added.insert(node).second;
      }
      return std::exchange(seen[node], 1) == 0;
    };
    is_new(root);
    std::vector<NodeIndex> front = {root};
    for (int distance = 0; distance < depth && !front.empty(); ++distance) {
      std::vector<NodeIndex> next;
      for (const NodeIndex buyer : front) {
        if (!Take(layer_.Links(buyer).size(), budget_) || !JoinQualified(buyer)) {
          return false;
        }
        for (const Link& link : layer_.Links(buyer)) {
          const bool led = through == nullptr || link.from >= seen.size() || through(link.from);
          if (led && is_new(link.from)) {
            next.push_back(link.from);
          }
        }
      }
      for (const NodeIndex node : next) {
        Join(node);
      }
      front = std::move(next);
    }
    return true;
  }
  // A copy of a node that uses one product alone. Names hold no line breaks, so that it is like no other.
  NodeIndex AddOneOfProduct(NodeIndex whole, const std::string& product) {
    NodeFacts facts = layer_.Facts(whole);
    std::erase_if(facts.needs, [&](const Need& need) { return need.product != product; });
    std::vector<Link> links = layer_.Links(whole);
    std::erase_if(links, [&](const Link& link) { return link.product != product; });
    const NodeIndex copy = layer_.Add({layer_.Key(whole).name + "\n", layer_.Key(whole).mineral});
    layer_.Put(copy, std::move(facts), std::move(links));
    return copy;
  }
  SupplyGraph Finish() && { return std::move(layer_).Finish(); }

 private:
  NodeIndex Find(const NodeKey& key) {
    if (const NodeIndex node = view_.chain().Find(key); node != kNoNode) {
      return node;
    }
    const auto [place, added] = added_.try_emplace(key);
    if (added) {
      place->second = layer_.Add(key);
    }
    return place->second;
  }
  void Join(NodeIndex node) {
    if (layer_.Known(node) && view_.only_public()) {
      return;
    }
    const NodeKey& key = layer_.Key(node);
    const bool own = view_.OwnSpeaksOf(key);
    if ((layer_.Known(node) && !own) || !joined_.insert(node).second) {
      return;
    }
    std::optional<NodeFacts> facts = view_.Node(key);
    if (own || facts.has_value()) {
      layer_.Put(node, std::move(facts), LinksTo(key));
    }
  }
  std::vector<Link> LinksTo(const NodeKey& key) {
    std::vector<Link> links;
    for (const ChainLinkFact* link : view_.LinksTo(key.name)) {
      if (link->mineral == key.mineral) {
        links.push_back({link->name, Find({link->from, link->mineral}), link->product, link->tonnes_per_year,
                         link->share, link->verified, link->confidence});
      }
    }
    return links;
  }
  // Those that a node names as qualified may be his own.
  bool JoinQualified(NodeIndex buyer) {
    if (view_.only_public()) {
      return true;
    }
    const NodeKey key = layer_.Key(buyer);
    // A copy, since nodes are added.
    const std::vector<Need> needs = layer_.Facts(buyer).needs;
    for (const Need& need : needs) {
      if (!Take(need.qualified.size(), budget_)) {
        return false;
      }
      for (const std::string& name : need.qualified) {
        Join({name, key.mineral});
      }
    }
    return true;
  }

  const ChainView& view_;
  LinkBudget& budget_;
  SupplyGraphLayer layer_;
  // Of the nodes that the public graph lacks.
  std::map<NodeKey, NodeIndex> added_;
  std::set<NodeIndex> joined_;
};

}  // namespace

std::optional<Cone> ConeOf(const ChainView& view, const NodeKey& root, const std::string& product, int depth,
                           LinkBudget& budget, const NodeFilter& through) {
  ConeBuilder builder(view, budget);
  NodeIndex node = builder.Join(root);
  if (!builder.Gather(node, depth, through)) {
    return std::nullopt;
  }
  if (!product.empty()) {
    node = builder.AddOneOfProduct(node, product);
  }
  return Cone{std::move(builder).Finish(), node};
}

std::optional<Cone> MarketOf(const ChainView& view, const NodeKey& buyer, const std::string& product,
                             LinkBudget& budget) {
  const std::vector<std::string> makers = view.OwnMakersOf(buyer.mineral, product);
  ConeBuilder builder(view, budget);
  const NodeIndex node = builder.Join(buyer);
  if (!Take(makers.size(), budget) || !builder.Gather(node, 1, nullptr)) {
    return std::nullopt;
  }
  for (const std::string& maker : makers) {
    builder.Join({maker, buyer.mineral});
  }
  return Cone{std::move(builder).Finish(), node};
}

}  // namespace orewatch::risk
