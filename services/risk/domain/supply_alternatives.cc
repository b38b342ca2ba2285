#include "services/risk/domain/supply_alternatives.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace orewatch::risk {

const Need* NeedOf(const NodeFacts& facts, const std::string& product) {
  const auto need =
      std::find_if(facts.needs.begin(), facts.needs.end(), [&](const Need& each) { return each.product == product; });
  return need == facts.needs.end() ? nullptr : &*need;
}

const Offer* OfferFor(const NodeFacts& facts, const Wanted& wanted, const std::string& grade) {
  const auto offer = std::find_if(facts.offers.begin(), facts.offers.end(), [&](const Offer& each) {
    return each.product == wanted.product && (wanted.stage == 0 || each.stage == wanted.stage) &&
           (grade.empty() || each.grade == grade);
  });
  return offer == facts.offers.end() ? nullptr : &*offer;
}

std::vector<Alternative> AlternativesOf(const SupplyGraph& graph, NodeIndex buyer, const Wanted& wanted) {
  const Need* need = NeedOf(graph.Facts(buyer), wanted.product);
  const std::set<std::string> qualified =
      need == nullptr ? std::set<std::string>() : std::set<std::string>(need->qualified.begin(), need->qualified.end());
  std::set<NodeIndex> suppliers = {buyer};
  for (const Link& link : graph.Links(buyer)) {
    if (link.product == wanted.product) {
      suppliers.insert(link.from);
    }
  }
  std::vector<Alternative> alternatives;
  for (NodeIndex node = 0; node < graph.node_count(); ++node) {
    if (graph.Key(node).mineral != graph.Key(buyer).mineral) {
      continue;
    }
    const Offer* offer = OfferFor(graph.Facts(node), wanted, need == nullptr ? "" : need->grade);
    if (offer == nullptr || suppliers.contains(node)) {
      continue;
    }
    alternatives.push_back({node, offer->spare_tonnes_per_year, qualified.contains(graph.Key(node).name),
                            need == nullptr ? std::nullopt : need->months_to_qualify});
  }
  std::sort(alternatives.begin(), alternatives.end(), [&](const Alternative& a, const Alternative& b) {
    return std::tie(b.qualified, graph.Key(a.node).name) < std::tie(a.qualified, graph.Key(b.node).name);
  });
  return alternatives;
}

}  // namespace orewatch::risk
