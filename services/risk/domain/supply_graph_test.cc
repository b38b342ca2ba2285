#include "services/risk/domain/supply_graph.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/risk/domain/supply_graph_editor.h"

namespace orewatch::risk {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kLithium[] = "minerals/lithium";

NodeKey Key(const std::string& name) { return {name, kLithium}; }

LinkFacts From(const std::string& from, const std::string& to, std::optional<double> share) {
  return {Key(from), to, "carbonate", std::nullopt, share, true, std::nullopt};
}

std::vector<double> Weights(const InputRow& row) {
  std::vector<double> weights;
  for (const Edge& edge : row.edges) {
    weights.push_back(edge.weight);
  }
  return weights;
}

TEST(InputSharesTest, LeavesUnknownWhatNoLinkClaims) {
  const InputShares shares = InputSharesOf({{"ore", {}, "", {}, {}}}, {{"ore", {}, 0.5}, {"ore", {}, 0.3}});
  EXPECT_THAT(shares.weights, ElementsAre(0.5, 0.3));
  EXPECT_NEAR(shares.unknown, 0.2, 1e-15);
  EXPECT_EQ(shares.flags, 0);
}

TEST(InputSharesTest, DividesTonnesByTheUseWhereItIsKnown) {
  const InputShares shares = InputSharesOf({{"ore", 100, "", {}, {}}}, {{"ore", 25, {}}, {"ore", 25, {}}});
  EXPECT_THAT(shares.weights, ElementsAre(0.25, 0.25));
  EXPECT_EQ(shares.unknown, 0.5);
}

TEST(InputSharesTest, TakesNoOfftakeForTheWholeOfAnUnknownUse) {
  const InputShares shares = InputSharesOf({{"ore", {}, "", {}, {}}}, {{"ore", 30, {}}});
  EXPECT_THAT(shares.weights, ElementsAre(0));
  EXPECT_EQ(shares.unknown, 1);
  EXPECT_EQ(shares.flags, kLinkWithoutShare);
}

TEST(InputSharesTest, GivesNoShareToTonnesOfAnUnknownWhole) {
  const InputShares shares = InputSharesOf({}, {{"ore", 30, {}}, {"ore", {}, 0.25}});
  EXPECT_THAT(shares.weights, ElementsAre(0, 0.25));
  EXPECT_EQ(shares.unknown, 0.75);
  EXPECT_EQ(shares.flags, kLinkWithoutShare);
}

TEST(InputSharesTest, ScalesDownLinksThatClaimMoreThanAll) {
  const InputShares shares = InputSharesOf({}, {{"ore", {}, 0.9}, {"ore", {}, 0.9}});
  EXPECT_THAT(shares.weights, ElementsAre(0.5, 0.5));
  EXPECT_EQ(shares.unknown, 0);
  EXPECT_EQ(shares.flags, kSharesExceedOne);
}

TEST(InputSharesTest, WeighsProductsByUseAndCountsOneWithoutLinksAsUnknown) {
  const InputShares shares =
      InputSharesOf({{"carbonate", 30, "", {}, {}}, {"hydroxide", 70, "", {}, {}}}, {{"carbonate", {}, 1.0}});
  EXPECT_THAT(shares.weights, ElementsAre(DoubleEq(0.3)));
  EXPECT_DOUBLE_EQ(shares.unknown, 0.7);
}

TEST(InputSharesTest, WeighsProductsEquallyWhereOneUseIsUnknownAndSaysSo) {
  const InputShares shares =
      InputSharesOf({{"carbonate", 30, "", {}, {}}}, {{"carbonate", {}, 1.0}, {"hydroxide", {}, 0.5}});
  EXPECT_THAT(shares.weights, ElementsAre(0.5, 0.25));
  EXPECT_EQ(shares.unknown, 0.25);
  EXPECT_EQ(shares.flags, kProductsWeighedEqually);
}

TEST(CountryIndexTest, RoundTripsCodesAndKnowsWhatIsNone) {
  EXPECT_EQ(CountryCodeOf(CountryIndexOf("CN")), "CN");
  EXPECT_LT(CountryIndexOf("AU"), CountryIndexOf("CL"));
  for (const char* none : {"ZZ", "", "cn", "CHN", "C1"}) {
    EXPECT_EQ(CountryIndexOf(none), kUnknownCountry) << none;
  }
}

TEST(SupplyGraphEditorTest, KeepsTheLinksOfAReceiverInTheOrderOfTheirNames) {
  SupplyGraphEditor editor;
  editor.Apply({{}, {{"links/b", From("x", "z", 0.25)}}});
  editor.Apply({{}, {{"links/a", From("y", "z", 0.5)}, {"links/c", From("x", "z", 0.125)}}});
  const NodeIndex z = editor.Find(Key("z"));
  EXPECT_THAT(Weights(editor.graph().Inputs(z)), ElementsAre(0.5, 0.25, 0.125));
  EXPECT_EQ(editor.graph().Inputs(z).unknown, 0.125);
  EXPECT_THAT(editor.graph().Buyers(editor.Find(Key("x"))), ElementsAre(z, z));
  EXPECT_FALSE(editor.graph().Known(z));
}

TEST(SupplyGraphEditorTest, MovesALinkToAnotherReceiver) {
  SupplyGraphEditor editor;
  editor.Apply({{}, {{"links/a", From("x", "y", 1)}}});
  const GraphDelta delta = editor.Apply({{}, {{"links/a", From("x", "z", 1)}}});
  const NodeIndex y = editor.Find(Key("y"));
  const NodeIndex z = editor.Find(Key("z"));
  EXPECT_THAT(delta.rewired, ElementsAre(y, z));
  EXPECT_THAT(editor.graph().Links(y), IsEmpty());
  EXPECT_EQ(editor.graph().Inputs(y).unknown, 1);
  EXPECT_THAT(editor.graph().Buyers(editor.Find(Key("x"))), ElementsAre(z));
}

TEST(SupplyGraphEditorTest, TellsMovedFromRewiredNodes) {
  SupplyGraphEditor editor;
  NodeFacts facts;
  facts.country = CountryIndexOf("AU");
  editor.Apply({{{Key("x"), facts}}, {}});
  const NodeIndex x = editor.Find(Key("x"));
  facts.country = CountryIndexOf("CL");
  const GraphDelta moved = editor.Apply({{{Key("x"), facts}}, {}});
  EXPECT_THAT(moved.moved, ElementsAre(x));
  EXPECT_THAT(moved.rewired, IsEmpty());
  facts.own_share = 1;
  const GraphDelta rewired = editor.Apply({{{Key("x"), facts}}, {}});
  EXPECT_THAT(rewired.moved, IsEmpty());
  EXPECT_THAT(rewired.rewired, ElementsAre(x));
  EXPECT_EQ(editor.graph().Inputs(x).own, 1);
  EXPECT_EQ(editor.graph().Inputs(x).unknown, 0);
}

TEST(SupplyGraphEditorTest, SharesAllButTheChangedChunksWithSnapshotsBefore) {
  SupplyGraphEditor editor;
  GraphChanges changes;
  for (int i = 0; i < 1000; ++i) {
    changes.links[absl::StrCat("links/", i)] = From(absl::StrCat("n", i), absl::StrCat("n", (i + 1) % 1000), 0.5);
  }
  editor.Apply(changes);
  const SupplyGraph before = editor.graph();
  editor.Apply({{}, {{"links/500", From("n500", "n501", 0.75)}}});
  EXPECT_EQ(before.Inputs(editor.Find(Key("n501"))).unknown, 0.5);
  EXPECT_EQ(editor.graph().Inputs(editor.Find(Key("n501"))).unknown, 0.25);
  EXPECT_LE(editor.graph().ChunksApartFrom(before), 3u);
}

TEST(SupplyGraphEditorTest, KeepsMineralsApart) {
  SupplyGraphEditor editor;
  editor.Apply({{}, {{"links/a", From("x", "y", 1)}}});
  editor.Apply({{}, {{"links/b", LinkFacts{{"x", "minerals/cobalt"}, "y", "matte", {}, 1.0, true, {}}}}});
  EXPECT_EQ(editor.graph().node_count(), 4u);
  EXPECT_EQ(editor.graph().Links(editor.Find(Key("y"))).size(), 1u);
}

TEST(SupplyGraphEditorTest, ForgetsANodeButNotTheLinksThatNameIt) {
  SupplyGraphEditor editor;
  NodeFacts facts;
  facts.country = CountryIndexOf("AU");
  editor.Apply({{{Key("x"), facts}}, {{"links/a", From("x", "y", 1)}}});
  const GraphDelta delta = editor.Apply({{{Key("x"), std::nullopt}, {Key("never"), std::nullopt}}, {}});
  const NodeIndex x = editor.Find(Key("x"));
  EXPECT_THAT(delta.moved, ElementsAre(x));
  EXPECT_FALSE(editor.graph().Known(x));
  EXPECT_EQ(editor.graph().Facts(x).country, kUnknownCountry);
  EXPECT_EQ(editor.graph().Links(editor.Find(Key("y"))).size(), 1u);
  EXPECT_EQ(editor.Find(Key("never")), kNoNode);
}

}  // namespace
}  // namespace orewatch::risk
