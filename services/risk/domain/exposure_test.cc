#include "services/risk/domain/exposure.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/risk/domain/parallel.h"
#include "services/risk/domain/random_graph.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TierShares Owned(const TierView& view) {
  return {{view.countries.begin(), view.countries.end()}, view.own, view.unknown};
}

std::vector<TierShares> AllRows(const SupplyGraph& graph, const Exposure& exposure) {
  std::vector<TierShares> rows;
  for (NodeIndex node = 0; node < graph.node_count(); ++node) {
    for (int tier = 1; tier <= kMaxTier; ++tier) {
      rows.push_back(Owned(exposure.Tier(node, tier)));
    }
  }
  return rows;
}

double Total(const TierView& tier) {
  double total = tier.own + tier.unknown;
  for (const CountryShare& share : tier.countries) {
    total += share.verified + share.inferred;
  }
  return total;
}

// A mine in CD, a refiner in CN that buys 3/4 of its ore there, and a cathode maker in KR that buys half from it.
class ChainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    GraphChanges changes;
    changes.nodes[Key("mine")] = Facts("CD", 1);
    changes.nodes[Key("refiner")] = Facts("CN", 0);
    changes.nodes[Key("cathodes")] = Facts("KR", 0);
    changes.links["links/1"] = LinkFacts{Key("mine"), "refiner", "ore", {}, 0.75, false, 0.6};
    changes.links["links/2"] = LinkFacts{Key("refiner"), "cathodes", "sulphate", {}, 0.5, true, {}};
    editor_.Apply(changes);
  }
  static NodeKey Key(const std::string& name) { return {name, "minerals/cobalt"}; }
  static NodeFacts Facts(const std::string& country, double own_share) {
    NodeFacts facts;
    facts.country = CountryIndexOf(country);
    facts.own_share = own_share;
    return facts;
  }
  SupplyGraphEditor editor_;
};

TEST_F(ChainTest, FollowsTheChainAndKeepsVerifiedInferredOwnAndUnknownApart) {
  const Exposure exposure = Exposure::Of(editor_.graph(), 1);
  const NodeIndex cathodes = editor_.Find(Key("cathodes"));
  const TierView first = exposure.Tier(cathodes, 1);
  EXPECT_THAT(Owned(first).countries, ElementsAre(CountryShare{0.5, 0, CountryIndexOf("CN")}));
  EXPECT_EQ(first.unknown, 0.5);
  const TierView second = exposure.Tier(cathodes, 2);
  EXPECT_THAT(Owned(second).countries, ElementsAre(CountryShare{0, 0.375, CountryIndexOf("CD")}));
  EXPECT_EQ(second.unknown, 0.625);
  for (int tier = 3; tier <= kMaxTier; ++tier) {
    EXPECT_THAT(Owned(exposure.Tier(cathodes, tier)).countries, IsEmpty());
    EXPECT_EQ(exposure.Tier(cathodes, tier).own, 0.375);
    EXPECT_EQ(exposure.Tier(cathodes, tier).unknown, 0.625);
  }
}

TEST_F(ChainTest, CountsASupplierOfUnknownCountryAsUnknownButFollowsItUp) {
  editor_.Apply({{{Key("refiner"), Facts("ZZ", 0)}}, {}});
  const Exposure exposure = Exposure::Of(editor_.graph(), 1);
  const NodeIndex cathodes = editor_.Find(Key("cathodes"));
  EXPECT_EQ(exposure.Tier(cathodes, 1).unknown, 1);
  EXPECT_THAT(Owned(exposure.Tier(cathodes, 2)).countries, ElementsAre(CountryShare{0, 0.375, CountryIndexOf("CD")}));
}

TEST_F(ChainTest, GivesOneProductAsIfItWereAll) {
  editor_.Apply({{}, {{"links/3", LinkFacts{Key("mine"), "cathodes", "metal", {}, 1.0, true, {}}}}});
  const Exposure exposure = Exposure::Of(editor_.graph(), 1);
  const NodeIndex cathodes = editor_.Find(Key("cathodes"));
  EXPECT_EQ(exposure.Tier(cathodes, 1).unknown, 0.25);
  const auto sulphate = ExposureOfProduct(editor_.graph(), exposure, cathodes, "sulphate");
  EXPECT_THAT(sulphate[0].countries, ElementsAre(CountryShare{0.5, 0, CountryIndexOf("CN")}));
  EXPECT_EQ(sulphate[0].unknown, 0.5);
  const auto metal = ExposureOfProduct(editor_.graph(), exposure, cathodes, "metal");
  EXPECT_THAT(metal[0].countries, ElementsAre(CountryShare{1, 0, CountryIndexOf("CD")}));
  EXPECT_EQ(metal[1].own, 1);
}

TEST_F(ChainTest, RecomputesNothingForWhatReachesNothing) {
  const Exposure exposure = Exposure::Of(editor_.graph(), 1);
  const GraphDelta delta = editor_.Apply({{{Key("cathodes"), Facts("JP", 0)}}, {}});
  EXPECT_EQ(exposure.Updated(editor_.graph(), delta, 1).computed_rows(), 0u);
}

TEST_F(ChainTest, LeavesWhatWasMadeBeforeAsItWas) {
  const Exposure before = Exposure::Of(editor_.graph(), 1);
  const NodeIndex cathodes = editor_.Find(Key("cathodes"));
  GraphChanges changes;
  changes.nodes[Key("refiner")] = Facts("FI", 0);
  for (int i = 0; i < 600; ++i) {
    changes.nodes[Key(absl::StrCat("new/", i))] = Facts("AU", 1);
  }
  const GraphDelta delta = editor_.Apply(changes);
  const Exposure after = before.Updated(editor_.graph(), delta, 1);
  EXPECT_THAT(Owned(before.Tier(cathodes, 1)).countries, ElementsAre(CountryShare{0.5, 0, CountryIndexOf("CN")}));
  EXPECT_THAT(Owned(after.Tier(cathodes, 1)).countries, ElementsAre(CountryShare{0.5, 0, CountryIndexOf("FI")}));
  EXPECT_EQ(after.Tier(editor_.Find(Key("new/599")), 6).own, 1);
}

class RandomExposureTest : public ::testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomExposureTest, ::testing::Range(1U, 9U));

TEST_P(RandomExposureTest, SharesAddUpToOnePerTier) {
  RandomGraph random(GetParam(), 150, 500);
  SupplyGraphEditor editor;
  editor.Apply(random.Everything());
  const Exposure exposure = Exposure::Of(editor.graph(), 1);
  for (NodeIndex node = 0; node < editor.graph().node_count(); ++node) {
    for (int tier = 1; tier <= kMaxTier; ++tier) {
      const TierView row = exposure.Tier(node, tier);
      EXPECT_NEAR(Total(row), 1, 1e-12) << node << " tier " << tier;
      EXPECT_GE(row.unknown, 0);
    }
    for (const char* product : {"concentrate", "sulphate"}) {
      for (const TierShares& tier : ExposureOfProduct(editor.graph(), exposure, node, product)) {
        EXPECT_NEAR(Total(tier.view()), 1, 1e-12);
      }
    }
  }
}

TEST_P(RandomExposureTest, DoesNotDependOnTheOrderInWhichThingsCame) {
  RandomGraph random(GetParam(), 60, 240);
  const GraphChanges all = random.Everything();
  SupplyGraphEditor at_once;
  at_once.Apply(all);
  SupplyGraphEditor backwards;
  const std::vector links(all.links.rbegin(), all.links.rend());
  for (const auto& link : links) {
    backwards.Apply({{}, {link}});
  }
  const std::vector nodes(all.nodes.rbegin(), all.nodes.rend());
  for (const auto& node : nodes) {
    backwards.Apply({{node}, {}});
  }
  const Exposure a = Exposure::Of(at_once.graph(), 1);
  const Exposure b = Exposure::Of(backwards.graph(), 1);
  for (const auto& [key, facts] : all.nodes) {
    for (int tier = 1; tier <= kMaxTier; ++tier) {
      EXPECT_EQ(Owned(a.Tier(at_once.Find(key), tier)), Owned(b.Tier(backwards.Find(key), tier)));
    }
  }
}

TEST_P(RandomExposureTest, IsTheSameOnFourThreadsAndForOneNodeAlone) {
  RandomGraph random(GetParam(), 300, 1200);
  SupplyGraphEditor editor;
  editor.Apply(random.Everything());
  const Exposure one = Exposure::Of(editor.graph(), 1);
  EXPECT_EQ(AllRows(editor.graph(), one), AllRows(editor.graph(), Exposure::Of(editor.graph(), 4)));
  for (NodeIndex node = 0; node < editor.graph().node_count(); node += 7) {
    const auto alone = ExposureOfNode(editor.graph(), node);
    for (int tier = 1; tier <= kMaxTier; ++tier) {
      EXPECT_EQ(alone[static_cast<size_t>(tier - 1)], Owned(one.Tier(node, tier)));
    }
  }
}

TEST_P(RandomExposureTest, IncrementalEqualsFullAfterThousandsOfEdits) {
  RandomGraph random(GetParam(), 120, 300);
  SupplyGraphEditor editor;
  editor.Apply(random.Everything());
  Exposure exposure = Exposure::Of(editor.graph(), 1);
  for (int edit = 1; edit <= 1500; ++edit) {
    const GraphDelta delta = editor.Apply(random.Edit());
    exposure = exposure.Updated(editor.graph(), delta, 1 + edit % 4);
    if (edit % 100 == 0) {
      ASSERT_EQ(AllRows(editor.graph(), exposure), AllRows(editor.graph(), Exposure::Of(editor.graph(), 1)))
          << "after edit " << edit;
    }
  }
}

TEST(ParallelForTest, RunsEachPieceOnce) {
  std::vector<int> runs(1000);
  ParallelFor(runs.size(), 4, [&](size_t i) { ++runs[i]; });
  EXPECT_EQ(std::count(runs.begin(), runs.end(), 1), 1000);
  ParallelFor(0, 4, [](size_t) { FAIL(); });
}

}  // namespace
}  // namespace orewatch::risk
