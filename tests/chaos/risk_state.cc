#include "tests/chaos/risk_state.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/audit.h"
#include "services/risk/domain/chain_exposure.h"

namespace orewatch::testing {
namespace {

using risk::Chain;
using risk::NodeIndex;

bool SameBits(double a, double b) { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b); }

bool SameTier(const risk::TierView& a, const risk::TierView& b) {
  const auto same = [](const risk::CountryShare& one, const risk::CountryShare& other) {
    return one.country == other.country && SameBits(one.verified, other.verified) &&
           SameBits(one.inferred, other.inferred);
  };
  return SameBits(a.own, b.own) && SameBits(a.unknown, b.unknown) &&
         std::equal(a.countries.begin(), a.countries.end(), b.countries.begin(), b.countries.end(), same);
}

// Two chains whose nodes bear other numbers.
class Comparison {
 public:
  Comparison(const Chain& kept, const Chain& computed) : kept_(kept), computed_(computed) {}

  std::string Difference() {
    if (std::string difference = MatchNodes(); !difference.empty()) {
      return difference;
    }
    for (NodeIndex node = 0; node < kept_.graph.node_count(); ++node) {
      const NodeIndex other = counterparts_[node];
      const bool same = other == risk::kNoNode ? IsForgotten(node)
                                               : SameFacts(node, other) && SameInputs(node, other) &&
                                                     SameBuyers(node, other) && SameExposure(node, other);
      if (!same) {
        const risk::NodeKey& key = kept_.graph.Key(node);
        return absl::StrCat("node ", key.name, " of ", key.mineral);
      }
    }
    return "";
  }

 private:
  std::string MatchNodes() {
    for (NodeIndex node = 0; node < kept_.graph.node_count(); ++node) {
      const risk::NodeKey& key = kept_.graph.Key(node);
      if (kept_.Find(key) != node) {
        return absl::StrCat("index of ", key.name);
      }
      counterparts_.push_back(computed_.Find(key));
    }
    for (NodeIndex node = 0; node < computed_.graph.node_count(); ++node) {
      if (kept_.Find(computed_.graph.Key(node)) == risk::kNoNode) {
        return absl::StrCat("no node ", computed_.graph.Key(node).name);
      }
    }
    return "";
  }
  bool IsForgotten(NodeIndex node) const {
    return !kept_.graph.Known(node) && kept_.graph.Links(node).empty() && kept_.graph.Buyers(node).empty();
  }
  bool SameFacts(NodeIndex node, NodeIndex other) const {
    return kept_.graph.Known(node) == computed_.graph.Known(other) &&
           kept_.graph.Facts(node) == computed_.graph.Facts(other);
  }
  bool SameInputs(NodeIndex node, NodeIndex other) const {
    const risk::InputRow& a = kept_.graph.Inputs(node);
    const risk::InputRow& b = computed_.graph.Inputs(other);
    const auto same_edge = [&](const risk::Edge& one, const risk::Edge& another) {
      return SameBits(one.weight, another.weight) && one.verified == another.verified &&
             counterparts_[one.from] == another.from;
    };
    const auto same_link = [&](const risk::Link& one, const risk::Link& another) {
      return one.name == another.name && one.product == another.product && one.share == another.share &&
             one.tonnes_per_year == another.tonnes_per_year && one.confidence == another.confidence;
    };
    const auto& links = kept_.graph.Links(node);
    const auto& other_links = computed_.graph.Links(other);
    return SameBits(a.own, b.own) && SameBits(a.unknown, b.unknown) && a.flags == b.flags &&
           std::equal(a.edges.begin(), a.edges.end(), b.edges.begin(), b.edges.end(), same_edge) &&
           std::equal(links.begin(), links.end(), other_links.begin(), other_links.end(), same_link);
  }
  bool SameBuyers(NodeIndex node, NodeIndex other) const {
    std::vector<NodeIndex> buyers;
    for (const NodeIndex buyer : kept_.graph.Buyers(node)) {
      buyers.push_back(counterparts_[buyer]);
    }
    std::sort(buyers.begin(), buyers.end());
    return buyers == computed_.graph.Buyers(other);
  }
  bool SameExposure(NodeIndex node, NodeIndex other) const {
    for (int tier = 1; tier <= risk::kMaxTier; ++tier) {
      if (!SameTier(kept_.exposure.Tier(node, tier), computed_.exposure.Tier(other, tier))) {
        return false;
      }
    }
    return true;
  }

  const Chain& kept_;
  const Chain& computed_;
  // By the numbers of what is kept.
  std::vector<NodeIndex> counterparts_;
};

}  // namespace

void RiskState::Apply(const risk::Changes& changes, int64_t revision) {
  model_ = model_->Apply(changes, revision);
  chain_ = editor_.Apply(changes.chain);
}

std::string DifferenceOf(const RiskState& kept, const RiskState& computed) {
  const auto keys = risk::KeysThatDiffer(kept.model()->scores(), computed.model()->scores());
  if (!keys.empty()) {
    return absl::StrCat(keys.size(), " scores, the first of ", keys.front().subject);
  }
  return Comparison(*kept.chain(), *computed.chain()).Difference();
}

std::string DifferenceFor(const std::string& principal, const std::vector<risk::NodeKey>& nodes, const RiskState& kept,
                          const RiskState& computed) {
  constexpr size_t kPlenty = 10'000'000;
  const risk::ChainView view(kept.chain(), principal);
  const risk::ChainView other(computed.chain(), principal);
  risk::ExposureReader exposures(view);
  risk::ExposureReader others(other);
  for (const risk::NodeKey& node : nodes) {
    risk::LinkBudget budget{kPlenty};
    const auto seen = exposures.Of(node, "", budget);
    const auto expected = others.Of(node, "", budget);
    const auto same = [](const risk::TierShares& a, const risk::TierShares& b) { return SameTier(a.view(), b.view()); };
    if (!seen.has_value() || !expected.has_value() ||
        !std::equal(seen->tiers.begin(), seen->tiers.end(), expected->tiers.begin(), same)) {
      return absl::StrCat(node.name, " as ", principal, " sees it");
    }
  }
  return "";
}

}  // namespace orewatch::testing
