#include "services/risk/domain/random_graph.h"

#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

constexpr const char* kCountries[] = {"AU", "CL", "CN", "CD", "ID", "JP", "KR", "US", "ZA", "ZZ"};
constexpr const char* kProducts[] = {"concentrate", "sulphate"};

}  // namespace

RandomGraph::RandomGraph(uint32_t seed, int nodes, int links) : random_(seed), nodes_(nodes), links_(links) {}

NodeKey RandomGraph::Key(int node) const { return {absl::StrCat("facilities/", node), "minerals/cobalt"}; }
std::string RandomGraph::LinkName(int link) const { return absl::StrCat("links/", link); }

NodeFacts RandomGraph::Facts() {
  NodeFacts facts;
  facts.country = CountryIndexOf(kCountries[Below(10)]);
  facts.own_share = Below(4) == 0 ? 1 : (Below(4) == 0 ? Unit() : 0);
  for (int i = Below(3); i > 0; --i) {
    Need need;
    need.product = kProducts[Below(2)];
    if (Below(2) == 0) {
      need.use_tonnes_per_year = 1 + 99 * Unit();
    }
    facts.needs.push_back(need);
  }
  return facts;
}

LinkFacts RandomGraph::Link() {
  LinkFacts link;
  link.from = Key(Below(nodes_));
  link.to = Key(Below(nodes_)).name;
  link.product = kProducts[Below(2)];
  if (Below(3) != 0) {
    link.share = Unit() * 0.6;
  }
  if (Below(2) != 0) {
    link.tonnes_per_year = 50 * Unit();
  }
  link.verified = Below(3) != 0;
  return link;
}

GraphChanges RandomGraph::Everything() {
  GraphChanges changes;
  for (int i = 0; i < nodes_; ++i) {
    changes.nodes[Key(i)] = Facts();
  }
  for (int i = 0; i < links_; ++i) {
    changes.links[LinkName(i)] = Link();
  }
  return changes;
}

GraphChanges RandomGraph::Edit() {
  GraphChanges changes;
  for (int i = 1 + Below(3); i > 0; --i) {
    const int kind = Below(6);
    if (kind == 0) {
      changes.nodes[Key(Below(nodes_ + 1))] = Facts();
    } else if (kind == 1 && Below(4) == 0) {
      changes.nodes[Key(Below(nodes_))] = std::nullopt;
    } else if (kind == 2) {
      changes.links[LinkName(Below(links_ * 2))] = std::nullopt;
    } else {
      changes.links[LinkName(Below(links_ * 2))] = Link();
    }
  }
  nodes_ += changes.nodes.contains(Key(nodes_)) ? 1 : 0;
  return changes;
}

}  // namespace orewatch::risk
