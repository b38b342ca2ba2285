#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "services/risk/domain/random_graph.h"
#include "services/risk/domain/supply_alternatives.h"
#include "services/risk/domain/supply_failures.h"
#include "services/risk/domain/supply_paths.h"
#include "services/risk/domain/supply_shares.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

NodeKey Key(const std::string& name) { return {name, "minerals/graphite"}; }

std::vector<std::string> Names(const FailurePoints& points) {
  std::vector<std::string> names;
  for (const FailurePoint& point : points.points) {
    names.push_back(point.name);
  }
  return names;
}

// maker <- 0.6 refiner-a <- 1.0 mine;  maker <- 0.4 refiner-b <- 1.0 mine
class DiamondTest : public ::testing::Test {
 protected:
  void SetUp() override {
    GraphChanges changes;
    for (const char* name : {"maker", "suppliers/r/facilities/a", "suppliers/r/facilities/b", "mine"}) {
      changes.nodes[Key(name)] = NodeFacts{};
    }
    changes.nodes[Key("mine")]->country = CountryIndexOf("CN");
    changes.nodes[Key("mine")]->own_share = 1;
    changes.links["links/1"] = Link("suppliers/r/facilities/a", "maker", 0.6, true, {});
    changes.links["links/2"] = Link("suppliers/r/facilities/b", "maker", 0.4, false, 0.5);
    changes.links["links/3"] = Link("mine", "suppliers/r/facilities/a", 1, true, {});
    changes.links["links/4"] = Link("mine", "suppliers/r/facilities/b", 1, false, 0.4);
    editor_.Apply(changes);
  }
  static LinkFacts Link(const std::string& from, const std::string& to, double share, bool verified,
                        std::optional<double> confidence) {
    return {Key(from), to, "flake", {}, share, verified, confidence};
  }
  NodeIndex At(const std::string& name) const { return editor_.Find(Key(name)); }
  std::vector<std::string> PointsOf(const std::string& name) const {
    return Names(FailurePointsOf(editor_.graph(), At(name), 1000, GroupBy::kFacility));
  }
  SupplyGraphEditor editor_;
};

TEST_F(DiamondTest, GivesSharesByFacilityAndBySupplier) {
  const auto by_facility = SupplierShares(editor_.graph(), At("maker"), GroupBy::kFacility);
  ASSERT_EQ(by_facility[0].suppliers.size(), 2u);
  EXPECT_EQ(by_facility[0].suppliers[0].verified, 0.6);
  EXPECT_EQ(by_facility[0].suppliers[1].inferred, 0.4);
  const auto by_supplier = SupplierShares(editor_.graph(), At("maker"), GroupBy::kSupplier);
  ASSERT_EQ(by_supplier[0].suppliers.size(), 1u);
  EXPECT_EQ(by_supplier[0].suppliers[0].name, "suppliers/r");
  ASSERT_EQ(by_supplier[1].suppliers.size(), 1u);
  EXPECT_EQ(by_supplier[1].suppliers[0].verified, 0.6);
  EXPECT_EQ(by_supplier[1].suppliers[0].inferred, 0.4);
  EXPECT_EQ(by_supplier[2].own, 1);
}

TEST_F(DiamondTest, ShowsTheLargestPathFirstWithItsConfidence) {
  const SupplyPaths paths = PathsOf(editor_.graph(), At("maker"), {CountryIndexOf("CN"), 2});
  ASSERT_EQ(paths.paths.size(), 2u);
  EXPECT_THAT(paths.paths[0].links, ElementsAre("links/1", "links/3"));
  EXPECT_TRUE(paths.paths[0].verified);
  EXPECT_EQ(paths.paths[1].share, 0.4);
  EXPECT_DOUBLE_EQ(*paths.paths[1].confidence, 0.2);
  EXPECT_FALSE(paths.more);
  EXPECT_THAT(PathsOf(editor_.graph(), At("maker"), {CountryIndexOf("AU"), 2}).paths, IsEmpty());
}

TEST_F(DiamondTest, BoundsThePathsAndSaysSo) {
  const SupplyPaths one = PathsOf(editor_.graph(), At("maker"), {kUnknownCountry, 2, 1});
  ASSERT_EQ(one.paths.size(), 1u);
  EXPECT_EQ(one.paths[0].share, 0.6);
  EXPECT_TRUE(one.more);
  EXPECT_TRUE(PathsOf(editor_.graph(), At("maker"), {kUnknownCountry, 2, 20, 2}).gave_up);
}

TEST_F(DiamondTest, FindsTheMineBehindBothRefiners) {
  EXPECT_THAT(PointsOf("maker"), ElementsAre("mine"));
  EXPECT_TRUE(FailurePointsOf(editor_.graph(), At("maker"), 1000, GroupBy::kFacility).points[0].certain);
}

TEST_F(DiamondTest, FindsTheSupplierOfBothRefiners) {
  const FailurePoints points = FailurePointsOf(editor_.graph(), At("maker"), 1000, GroupBy::kSupplier);
  EXPECT_THAT(Names(points), ElementsAre("suppliers/r", "mine"));
  EXPECT_EQ(points.points[0].tier, 1);
  EXPECT_TRUE(points.points[0].certain);
}

TEST_F(DiamondTest, IsUncertainWhereAPartOfTheSourcesIsUnknown) {
  editor_.Apply({{}, {{"links/2", Link("suppliers/r/facilities/b", "maker", 0.3, true, {})}}});
  const FailurePoints points = FailurePointsOf(editor_.graph(), At("maker"), 1000, GroupBy::kFacility);
  ASSERT_EQ(points.points.size(), 1u);
  EXPECT_FALSE(points.points[0].certain);
}

TEST_F(DiamondTest, KnowsNoFailurePointWhereAQualifiedAlternativeHasSpareCapacity) {
  NodeFacts maker;
  maker.needs = {{"flake", {}, "battery", {"other"}, 6}};
  NodeFacts other;
  other.offers = {{2, "flake", "battery", 10}};
  editor_.Apply({{{Key("maker"), maker}, {Key("other"), other}}, {}});
  EXPECT_THAT(PointsOf("maker"), IsEmpty());
  other.offers[0].grade = "lubricant";
  editor_.Apply({{{Key("other"), other}}, {}});
  EXPECT_THAT(PointsOf("maker"), ElementsAre("mine"));
  other.offers[0] = {2, "flake", "battery", 0};
  editor_.Apply({{{Key("other"), other}}, {}});
  EXPECT_THAT(PointsOf("maker"), ElementsAre("mine"));
}

TEST_F(DiamondTest, StopsAtTheBoundAndSaysSo) {
  EXPECT_TRUE(FailurePointsOf(editor_.graph(), At("maker"), 1, GroupBy::kFacility).truncated);
}

TEST_F(DiamondTest, ListsAlternativesOfTheRightStageProductAndGradeQualifiedFirst) {
  NodeFacts maker;
  maker.needs = {{"flake", {}, "battery", {"q"}, 6}};
  const auto making = [](StageNumber stage, const char* product, const char* grade) {
    NodeFacts facts;
    facts.offers = {{stage, product, grade, std::nullopt}};
    return facts;
  };
  editor_.Apply({{{Key("maker"), maker},
                  {Key("a"), making(2, "flake", "battery")},
                  {Key("q"), making(2, "flake", "battery")},
                  {Key("grade"), making(2, "flake", "lubricant")},
                  {Key("product"), making(2, "spherical", "battery")},
                  {Key("stage"), making(1, "flake", "battery")},
                  {{"mineral", "minerals/cobalt"}, making(2, "flake", "battery")},
                  {Key("suppliers/r/facilities/a"), making(2, "flake", "battery")}},
                 {}});
  const std::vector<Alternative> found = AlternativesOf(editor_.graph(), At("maker"), {"flake", 2});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].node, At("q"));
  EXPECT_TRUE(found[0].qualified);
  EXPECT_EQ(found[1].node, At("a"));
  EXPECT_FALSE(found[1].qualified);
  EXPECT_EQ(found[1].months_to_qualify, 6);
}

TEST_F(DiamondTest, ALostSupplierTakesItsQualifiedAlternativesWithIt) {
  NodeFacts maker;
  maker.needs = {{"flake", {}, "battery", {"suppliers/r/facilities/c"}, 6}};
  NodeFacts other;
  other.offers = {{2, "flake", "battery", 10}};
  editor_.Apply({{{Key("maker"), maker}, {Key("suppliers/r/facilities/c"), other}}, {}});
  EXPECT_THAT(PointsOf("maker"), IsEmpty());
  EXPECT_THAT(Names(FailurePointsOf(editor_.graph(), At("maker"), 1000, GroupBy::kSupplier)),
              ElementsAre("suppliers/r"));
}

TEST_F(DiamondTest, PlantsThatFeedEachOtherDoNotOutliveTheirOnlyOrigin) {
  editor_.Apply({{{Key("pit"), NodeFacts{}}},
                 {{"links/11", Link("pit", "x", 0.5, true, {})},
                  {"links/12", Link("y", "x", 0.5, true, {})},
                  {"links/13", Link("x", "y", 1, true, {})},
                  {"links/14", Link("x", "top", 1, true, {})}}});
  const FailurePoints points = FailurePointsOf(editor_.graph(), At("top"), 1000, GroupBy::kFacility);
  EXPECT_THAT(Names(points), ElementsAre("x", "pit"));
  EXPECT_TRUE(points.points[1].certain);
}

TEST_F(DiamondTest, PlantsWithoutAnyKnownOriginAreLostWithThoseWhoFeedThem) {
  editor_.Apply({{},
                 {{"links/12", Link("y", "x", 1, true, {})},
                  {"links/13", Link("x", "y", 1, true, {})},
                  {"links/14", Link("x", "top", 1, true, {})}}});
  EXPECT_THAT(PointsOf("top"), ElementsAre("x", "y"));
}

// Who runs, by looking for a proof without circles: one by one, from the node up.
class Proofs {
 public:
  explicit Proofs(const SupplyGraph& graph, bool doubt) : graph_(graph), doubt_(doubt) {
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
      if (!Runs(node, {}, {})) {
        rootless_.insert(node);
      }
    }
  }
  bool IsLost(NodeIndex top, NodeIndex lost) const {
    std::set<NodeIndex> anyhow = rootless_;
    for (;;) {
      const size_t before = anyhow.size();
      std::erase_if(anyhow, [&](NodeIndex node) {
        return node != lost && !IsFed(node, [&](NodeIndex from) { return Runs(from, {lost}, anyhow); });
      });
      if (anyhow.size() == before) {
        return !Runs(top, {lost}, anyhow);
      }
    }
  }

 private:
  bool IsFed(NodeIndex node, const std::function<bool(NodeIndex)>& runs) const {
    std::map<std::string, bool> fed;
    for (const Link& link : graph_.Links(node)) {
      bool& any = fed[link.product];
      any = any || runs(link.from) || (doubt_ && InputsOfProduct(graph_, node, link.product).unknown > 1e-9);
    }
    return graph_.Inputs(node).own > 0 ||
           std::all_of(fed.begin(), fed.end(), [](const auto& each) { return each.second; });
  }
  // `without`: what is lost, and what the proof at hand is for.
  bool Runs(NodeIndex node, std::set<NodeIndex> without, const std::set<NodeIndex>& anyhow) const {
    if (without.contains(node)) {
      return false;
    }
    without.insert(node);
    return anyhow.contains(node) || IsFed(node, [&](NodeIndex from) { return Runs(from, without, anyhow); });
  }

  const SupplyGraph& graph_;
  const bool doubt_;
  std::set<NodeIndex> rootless_;
};

TEST(FailurePointsTest, AreThoseWithoutWhomNoProofOfSupplyIsLeft) {
  int points = 0;
  int uncertain = 0;
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    RandomGraph random(seed, 7, 11);
    SupplyGraphEditor editor;
    GraphChanges all = random.Everything();
    for (auto& [name, link] : all.links) {
      // Where each link claims all, no part is unknown.
      link->share = seed % 2 == 0 ? std::optional<double>(1) : link->share;
    }
    editor.Apply(all);
    const SupplyGraph& graph = editor.graph();
    const Proofs known(graph, false);
    const Proofs perhaps(graph, true);
    for (NodeIndex top = 0; top < graph.node_count(); ++top) {
      const FailurePoints found = FailurePointsOf(graph, top, 1000, GroupBy::kFacility);
      std::map<std::string, bool> expected;
      for (NodeIndex lost = 0; lost < graph.node_count(); ++lost) {
        if (lost != top && known.IsLost(top, lost)) {
          expected[graph.Key(lost).name] = perhaps.IsLost(top, lost);
        }
      }
      std::map<std::string, bool> certain;
      for (const FailurePoint& point : found.points) {
        certain[point.name] = point.certain;
        ++points;
        uncertain += point.certain ? 0 : 1;
      }
      ASSERT_EQ(certain, expected) << seed << " " << graph.Key(top).name;
    }
  }
  EXPECT_GT(uncertain, 50);
  EXPECT_GT(points - uncertain, 50);
}

// Half of the facilities a chain that ends in one who supplies himself, half a chain from a mine; the first buys of
// all.
GraphChanges TwoChains(int facilities) {
  const auto name = [](int facility) { return "facilities/" + std::to_string(facility); };
  GraphChanges changes;
  const auto link = [&](int from, int to, const char* product) {
    changes.links["links/" + std::to_string(changes.links.size())] = {Key(name(from)), name(to), product, {},
                                                                      std::nullopt,    true,     {}};
  };
  for (int facility = 1; facility <= facilities; ++facility) {
    link(facility, 0, facility <= facilities / 2 ? "of nobody" : "mined");
    if (facility < facilities) {
      link(facility == facilities / 2 ? facility : facility + 1, facility, "concentrate");
    }
  }
  return changes;
}

TEST(FailurePointsTest, OfThousandsTakeFewStepsAndEndWithPatience) {
  SupplyGraphEditor editor;
  editor.Apply(TwoChains(3'000));
  const NodeIndex top = editor.Find(Key("facilities/0"));
  size_t asked = 0;
  size_t patient = 100'000;
  const Patience patience = [&] { return ++asked <= patient; };
  EXPECT_THAT(Names(FailurePointsOf(editor.graph(), top, 5000, GroupBy::kFacility, patience)),
              UnorderedElementsAre("facilities/1500", "facilities/3000"));
  EXPECT_LT(asked, 10'000U);
  patient = 20;
  asked = 0;
  FailurePointsOf(editor.graph(), top, 5000, GroupBy::kFacility, patience);
  EXPECT_EQ(asked, patient + 1);
}

TEST(SupplierSharesTest, AgreeWithTheExposureToCountries) {
  RandomGraph random(3, 80, 240);
  SupplyGraphEditor editor;
  editor.Apply(random.Everything());
  const SupplyGraph& graph = editor.graph();
  for (NodeIndex node = 0; node < graph.node_count(); ++node) {
    const auto tiers = ExposureOfNode(graph, node);
    const auto suppliers = SupplierShares(graph, node, GroupBy::kFacility);
    for (size_t tier = 0; tier < tiers.size(); ++tier) {
      std::map<CountryIndex, double> verified;
      double total = suppliers[tier].own + suppliers[tier].unknown;
      for (const SupplierShare& share : suppliers[tier].suppliers) {
        verified[graph.Facts(editor.Find({share.name, graph.Key(node).mineral})).country] += share.verified;
        total += share.verified + share.inferred;
      }
      EXPECT_NEAR(total, 1, 1e-12);
      for (const CountryShare& share : tiers[tier].countries) {
        EXPECT_NEAR(verified[share.country], share.verified, 1e-12);
      }
    }
  }
}

TEST(PathsOfTest, GoOnAfterAPathAsIfTheyHadNotStopped) {
  RandomGraph random(7, 30, 90);
  SupplyGraphEditor editor;
  editor.Apply(random.Everything());
  const NodeIndex node = editor.Find(random.Key(1));
  const SupplyPaths all = PathsOf(editor.graph(), node, {kUnknownCountry, 3, 100'000});
  ASSERT_GT(all.paths.size(), 10U);
  PathQuery query{kUnknownCountry, 3, 4};
  std::vector<std::vector<std::string>> links;
  for (SupplyPaths page = PathsOf(editor.graph(), node, query);; page = PathsOf(editor.graph(), node, query)) {
    for (const SupplyPath& path : page.paths) {
      links.push_back(path.links);
    }
    if (!page.more || page.paths.empty()) {
      break;
    }
    query.after = page.paths.back();
  }
  ASSERT_EQ(links.size(), all.paths.size());
  for (size_t i = 0; i < links.size(); ++i) {
    EXPECT_EQ(links[i], all.paths[i].links);
  }
}

TEST(PathsOfTest, OfAllPathsAddUpToTheExposure) {
  RandomGraph random(5, 40, 100);
  SupplyGraphEditor editor;
  editor.Apply(random.Everything());
  for (NodeIndex node = 0; node < editor.graph().node_count(); ++node) {
    const auto tiers = ExposureOfNode(editor.graph(), node);
    for (const CountryShare& share : tiers[2].countries) {
      const SupplyPaths paths = PathsOf(editor.graph(), node, {share.country, 3, 100'000, 10'000'000});
      double total = 0;
      for (const SupplyPath& path : paths.paths) {
        total += path.share.value_or(0);
      }
      EXPECT_NEAR(total, share.verified + share.inferred, 1e-12);
      EXPECT_TRUE(std::is_sorted(paths.paths.begin(), paths.paths.end(), [](const SupplyPath& a, const SupplyPath& b) {
        return a.share.value_or(0) > b.share.value_or(0);
      }));
    }
  }
}

}  // namespace
}  // namespace orewatch::risk
