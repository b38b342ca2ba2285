#include <algorithm>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/risk/domain/chain_editor.h"
#include "services/risk/domain/chain_exposure.h"
#include "services/risk/domain/chain_nodes.h"
#include "services/risk/domain/chain_survival.h"
#include "services/risk/domain/supply_alternatives.h"
#include "services/risk/domain/supply_failures.h"
#include "services/risk/domain/supply_paths.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kCobalt[] = "minerals/cobalt";
const LinkBudget kPlenty{1'000'000};

Readers Only(std::vector<std::string> principals) { return {false, std::move(principals)}; }

FacilityFact Mine(const std::string& country) {
  FacilityFact mine;
  mine.country = country;
  mine.outputs = {{kCobalt, 1, "ore", "", std::nullopt}};
  return mine;
}

FacilityInput Input(const std::string& product, double use, double stock) {
  FacilityInput input;
  input.mineral = kCobalt;
  input.product = product;
  input.use_tonnes_per_day = use;
  input.stock_tonnes = stock;
  input.essential = true;
  return input;
}

FacilityFact Refinery(const std::string& country, double stock) {
  FacilityFact refinery;
  refinery.country = country;
  refinery.inputs = {Input("ore", 10, stock)};
  refinery.outputs = {{kCobalt, 3, "sulphate", "battery", 500}};
  return refinery;
}

ChainLinkFact Flow(const std::string& name, const std::string& from, const std::string& to, const std::string& product,
                   std::optional<double> share) {
  ChainLinkFact link;
  link.name = name;
  link.from = from;
  link.to = to;
  link.mineral = kCobalt;
  link.product = product;
  link.share = share;
  link.verified = true;
  return link;
}

std::optional<NodeExposure> Seen(const ChainView& view, const NodeKey& key, const std::string& product,
                                 LinkBudget& budget) {
  return ExposureReader(view).Of(key, product, budget);
}

TEST(ChainNodesTest, AChainBeginsWhereAllIsMinedAndNothingComesIn) {
  EXPECT_EQ(NodeOf(Mine("CD"), kCobalt).own_share, 1);
  FacilityFact complex = Mine("CD");
  complex.outputs.push_back({kCobalt, 3, "hydroxide", "", std::nullopt});
  EXPECT_EQ(NodeOf(complex, kCobalt).own_share, 0);
  FacilityFact buying = Mine("CD");
  buying.inputs = {Input("ore", 1, 0)};
  EXPECT_EQ(NodeOf(buying, kCobalt).own_share, 0);
  EXPECT_EQ(NodeOf(Mine("CD"), "minerals/copper").own_share, 0);
}

TEST(ChainNodesTest, InputsOfOneProductAreOneNeedOfKnownUseOnlyIfAllAre) {
  FacilityFact facility;
  facility.inputs = {Input("ore", 1, 5), Input("ore", 2, 7), Input("sulphate", 4, 0)};
  facility.inputs[1].essential = std::nullopt;
  ASSERT_EQ(NodeOf(facility, kCobalt).needs.size(), 2U);
  EXPECT_EQ(NodeOf(facility, kCobalt).needs[0].use_tonnes_per_year, 3 * 365.0);
  EXPECT_EQ(InputOf(facility, kCobalt, "ore")->stock_tonnes, 12);
  EXPECT_EQ(InputOf(facility, kCobalt, "ore")->essential, true);
  facility.inputs[0].use_tonnes_per_day = std::nullopt;
  EXPECT_EQ(NodeOf(facility, kCobalt).needs[0].use_tonnes_per_year, std::nullopt);
  EXPECT_EQ(InputOf(facility, kCobalt, "metal"), std::nullopt);
}

TEST(ChainNodesTest, WhatDoesNotRunOffersNothing) {
  FacilityFact refinery = Refinery("CN", 0);
  EXPECT_EQ(NodeOf(refinery, kCobalt).offers.size(), 1U);
  refinery.operating = false;
  EXPECT_THAT(NodeOf(refinery, kCobalt).offers, IsEmpty());
}

class ChainViewTest : public ::testing::Test {
 protected:
  // A mine of s in CD, a refinery of t in CN, a maker of u in KR that buys all of its sulphate there.
  ChainViewTest() {
    changes_.suppliers["suppliers/s"] = SupplierFact{{}, "CH"};
    changes_.facilities[kMine] = Mine("CD");
    changes_.facilities[kRefinery] = Refinery("CN", 100);
    FacilityFact maker;
    maker.country = "KR";
    maker.inputs = {Input("sulphate", 5, 100)};
    changes_.facilities[kMaker] = maker;
    changes_.links["links/1"] = Flow("links/1", kMine, kRefinery, "ore", 1);
    changes_.links["links/2"] = Flow("links/2", kRefinery, kMaker, "sulphate", 1);
  }
  ChainView View(const std::string& principal = "anonymous") {
    ChainEditor editor(1);
    return {editor.Apply(changes_), principal};
  }
  static TierShares TierOf(const ChainView& view, const std::string& name, size_t tier) {
    LinkBudget budget = kPlenty;
    return Seen(view, {name, kCobalt}, "", budget)->tiers[tier - 1];
  }
  Days After(const Loss& loss, const std::string& principal = "anonymous", const LinkBudget& budget = kPlenty) {
    return DaysAfter(View(principal), {{kMaker}, "", ""}, loss, budget);
  }

  static constexpr char kMine[] = "suppliers/s/facilities/mine";
  static constexpr char kRefinery[] = "suppliers/t/facilities/refinery";
  static constexpr char kMaker[] = "suppliers/u/facilities/maker";
  ChainChanges changes_;
};

TEST_F(ChainViewTest, ASupplierWhoIsLinkedAsSuchStandsWhereItsSeatIsButIsNeverVerifiedThere) {
  changes_.links["links/1"] = Flow("links/1", "suppliers/s", kRefinery, "ore", 1);
  const TierShares tier = TierOf(View(), kRefinery, 1);
  EXPECT_THAT(tier.countries, ElementsAre(CountryShare{0, 1, CountryIndexOf("CH")}));
  LinkBudget budget = kPlenty;
  const Cone cone = *ConeOf(View(), {kRefinery, kCobalt}, "", kMaxTier, budget);
  const SupplyPaths paths = PathsOf(cone.graph, cone.root, {});
  ASSERT_EQ(paths.paths.size(), 1U);
  EXPECT_FALSE(paths.paths[0].verified);
  EXPECT_EQ(paths.paths[0].confidence, std::nullopt);
}

TEST_F(ChainViewTest, WhatOnlySomeMayReadIsThereForThemAlone) {
  changes_.facilities[kMine]->readers = Only({"alice"});
  changes_.links["links/2"]->readers = Only({"alice", "bob"});
  const CountryShare congo{1, 0, CountryIndexOf("CD")};
  EXPECT_THAT(TierOf(View("alice"), kMaker, 2).countries, ElementsAre(congo));
  EXPECT_EQ(TierOf(View("bob"), kMaker, 2).unknown, 1);
  EXPECT_THAT(TierOf(View("bob"), kMaker, 1).countries, ElementsAre(CountryShare{1, 0, CountryIndexOf("CN")}));
  EXPECT_EQ(TierOf(View("carol"), kMaker, 1).unknown, 1);
  EXPECT_FALSE(View("bob").Knows(kMine));
  EXPECT_TRUE(View("carol").only_public());
}

TEST_F(ChainViewTest, AFactThatChangesItsReadersLeavesTheSightOfTheOthers) {
  ChainEditor editor(1);
  editor.Apply(changes_);
  ChainChanges hide;
  hide.facilities[kMine] = changes_.facilities[kMine];
  hide.facilities[kMine]->readers = Only({"alice"});
  const auto hidden = editor.Apply(hide);
  EXPECT_EQ(TierOf({hidden, "bob"}, kRefinery, 1).unknown, 1);
  EXPECT_EQ(TierOf({hidden, "alice"}, kRefinery, 1).unknown, 0);
  hide.facilities[kMine]->readers = Only({"bob"});
  const auto handed = editor.Apply(hide);
  EXPECT_EQ(TierOf({handed, "bob"}, kRefinery, 1).unknown, 0);
  EXPECT_TRUE(ChainView(handed, "alice").only_public());
  EXPECT_EQ(TierOf({hidden, "bob"}, kRefinery, 1).unknown, 1) << "a snapshot changed";
  hide.facilities[kMine] = std::nullopt;
  EXPECT_TRUE(ChainView(editor.Apply(hide), "bob").only_public());
}

TEST_F(ChainViewTest, OneProductIsSummedByItself) {
  changes_.facilities[kMaker]->inputs.push_back(Input("metal", 15, 0));
  LinkBudget budget = kPlenty;
  const NodeKey maker = {kMaker, kCobalt};
  EXPECT_EQ(TierOf(View(), kMaker, 1).unknown, 0.75);
  EXPECT_EQ(Seen(View(), maker, "sulphate", budget)->tiers[0].unknown, 0);
  EXPECT_EQ(Seen(View(), maker, "metal", budget)->tiers[0].unknown, 1);
}

TEST_F(ChainViewTest, LooksAtNoMoreLinksThanTheBudgetAllows) {
  changes_.facilities[kMine]->readers = Only({"alice"});
  LinkBudget budget{2};
  EXPECT_TRUE(ConeOf(View("alice"), {kMaker, kCobalt}, "", kMaxTier, budget).has_value());
  EXPECT_EQ(budget.links, 0U);
  EXPECT_FALSE(ConeOf(View("alice"), {kMaker, kCobalt}, "", kMaxTier, budget).has_value());
  EXPECT_FALSE(Seen(View("alice"), {kMaker, kCobalt}, "", budget).has_value());
  EXPECT_TRUE(Seen(View("bob"), {kMaker, kCobalt}, "", budget).has_value());
}

TEST_F(ChainViewTest, LooksAsFarAsItIsAsked) {
  LinkBudget budget{1};
  const auto near = ConeOf(View(), {kMaker, kCobalt}, "", 1, budget);
  ASSERT_TRUE(near.has_value());
  EXPECT_EQ(PathsOf(near->graph, near->root, {}).paths.size(), 1U);
  EXPECT_EQ(budget.links, 0U);
}

TEST_F(ChainViewTest, ALinkCountsToTheLastDayOfItsContract) {
  changes_.links["links/1"]->ends = "2026-06";
  changes_.links["links/2"]->ends = "2026-12-31";
  changes_.links["links/2"]->readers = Only({"alice"});
  ChainEditor editor(1);
  const ChainView undated(editor.Apply(changes_), "alice");
  EXPECT_EQ(TierOf(undated, kMaker, 2).unknown, 0);
  const auto on = [&](const std::string& today) {
    ChainChanges day;
    day.today = today;
    return ChainView(editor.Apply(day), "alice");
  };
  EXPECT_EQ(TierOf(on("2026-06-30"), kMaker, 2).unknown, 0);
  const ChainView july = on("2026-07-01");
  EXPECT_EQ(TierOf(july, kRefinery, 1).unknown, 1);
  EXPECT_EQ(TierOf(july, kMaker, 1).unknown, 0);
  EXPECT_TRUE(july.LinksTo(kRefinery).empty());
  EXPECT_EQ(TierOf(on("2026-12-31"), kMaker, 1).unknown, 0);
  EXPECT_EQ(TierOf(on("2027-01-01"), kMaker, 1).unknown, 1);
  ChainChanges renewed;
  renewed.links["links/1"] = changes_.links["links/1"];
  renewed.links["links/1"]->ends = "2028";
  EXPECT_EQ(TierOf({editor.Apply(renewed), "alice"}, kRefinery, 1).unknown, 0);
}

TEST_F(ChainViewTest, WhoOwnsSomethingElsewhereGetsWhatIsKept) {
  constexpr int kWide = 60;
  const auto name = [](int rank, int i) { return absl::StrCat("suppliers/s/facilities/", rank, "-", i); };
  for (int rank = 0; rank <= kMaxTier; ++rank) {
    for (int i = 0; i < kWide; ++i) {
      changes_.facilities[name(rank, i)] = rank == 0 ? Mine(i % 2 == 0 ? "CD" : "AU") : Refinery("CN", 1);
      for (int from = 0; rank > 0 && from < kWide; ++from) {
        const std::string link = absl::StrCat("links/r", rank, "-", i, "-", from);
        changes_.links[link] = Flow(link, name(rank - 1, from), name(rank, i), "ore", 1.0 / kWide);
      }
    }
  }
  ASSERT_GT(changes_.links.size(), 20'000U);
  changes_.suppliers["suppliers/alices"] = SupplierFact{Only({"alice"}), "JP"};
  ChainEditor editor(1);
  editor.Apply(changes_);
  ChainChanges own;
  own.facilities["suppliers/bobs/facilities/mine"] = Mine("FI");
  own.facilities["suppliers/bobs/facilities/mine"]->readers = Only({"bob"});
  own.links["links/0-bob"] = Flow("links/0-bob", "suppliers/bobs/facilities/mine", name(5, 0), "ore", 0.5);
  own.links["links/0-bob"]->readers = Only({"bob"});
  const auto chain = editor.Apply(own);
  const NodeKey top = {name(kMaxTier, 0), kCobalt};
  LinkBudget none{0};
  const auto everybodys = Seen(ChainView(chain), top, "", none);
  const auto alices = Seen({chain, "alice"}, top, "", none);
  ASSERT_TRUE(alices.has_value());
  EXPECT_EQ(alices->tiers, everybodys->tiers);
  EXPECT_TRUE(Seen({chain, "alice"}, top, "ore", none).has_value());
  LinkBudget few{kWide + kWide + 1};
  const auto bobs = Seen({chain, "bob"}, top, "", few);
  ASSERT_TRUE(bobs.has_value()) << "it went beyond the nodes that his own facts reach";
  EXPECT_EQ(few.links, 0U);
  for (auto* fact : {&own.links["links/0-bob"]->readers, &own.facilities["suppliers/bobs/facilities/mine"]->readers}) {
    *fact = {};
  }
  const auto published = editor.Apply(own);
  EXPECT_EQ(bobs->tiers, Seen(ChainView(published), top, "", none)->tiers);
}

TEST_F(ChainViewTest, StopsWhenNobodyWaitsAnyMore) {
  int asked = 0;
  LinkBudget budget{kPlenty.links, [&] { return ++asked < 2; }};
  EXPECT_FALSE(ConeOf(View(), {kMaker, kCobalt}, "", kMaxTier, budget).has_value());
  EXPECT_EQ(budget.links, kPlenty.links - 1) << "it went on past the first node";
  const Patience none = [] { return false; };
  LinkBudget plenty = kPlenty;
  const Cone cone = *ConeOf(View(), {kMaker, kCobalt}, "", kMaxTier, plenty);
  EXPECT_EQ(FailurePointsOf(cone.graph, cone.root, 10, GroupBy::kFacility).points.size(), 2U);
  EXPECT_THAT(FailurePointsOf(cone.graph, cone.root, 10, GroupBy::kFacility, none).points, IsEmpty());
}

TEST_F(ChainViewTest, FindsOtherMakersOfAProduct) {
  constexpr char kOther[] = "suppliers/v/facilities/other";
  changes_.facilities[kOther] = Refinery("FI", 0);
  changes_.facilities[kMaker]->inputs[0].qualified = {kOther};
  const auto alternatives = [&](const std::string& principal) {
    LinkBudget budget = kPlenty;
    const Cone market = *MarketOf(View(principal), {kMaker, kCobalt}, "sulphate", budget);
    std::vector<std::string> names;
    for (const Alternative& each : AlternativesOf(market.graph, market.root, {"sulphate", 3})) {
      EXPECT_TRUE(each.qualified);
      names.push_back(market.graph.Key(each.node).name);
    }
    return names;
  };
  EXPECT_THAT(alternatives("anonymous"), ElementsAre(kOther));
  changes_.facilities[kOther]->readers = Only({"alice"});
  EXPECT_THAT(alternatives("anonymous"), IsEmpty());
  EXPECT_THAT(alternatives("alice"), ElementsAre(kOther));
  changes_.facilities[kOther]->operating = false;
  EXPECT_THAT(alternatives("alice"), IsEmpty());
}

TEST_F(ChainViewTest, DaysAfterALossAreTheStocksOnTheWay) {
  const Days days = After({kMine, kUnknownCountry});
  EXPECT_TRUE(days.known());
  EXPECT_EQ(days.lower, 100.0 / 10 + 100.0 / 5);
  EXPECT_EQ(After({"suppliers/t", kUnknownCountry}).lower, 20);
  EXPECT_EQ(After({"", CountryIndexOf("CD")}).lower, 30);
  EXPECT_EQ(After({kMaker, kUnknownCountry}).lower, 0);
  const Days never = After({"", CountryIndexOf("AU")});
  EXPECT_TRUE(never.known() && never.never());
}

TEST_F(ChainViewTest, NoLossIsSafeWhereSourcesOrPlacesAreNotKnown) {
  changes_.links["links/1"]->share = 0.5;
  Days days = After({"", CountryIndexOf("AU")});
  EXPECT_FALSE(days.known());
  EXPECT_EQ(days.lower, 30);
  EXPECT_EQ(days.upper, std::nullopt);
  EXPECT_THAT(days.reasons, ElementsAre("SOURCES_UNKNOWN"));
  EXPECT_EQ(After({kMine, kUnknownCountry}).lower, 30);
  changes_.links["links/1"]->share = 1;
  changes_.facilities[kMine]->country = "ZZ";
  days = After({"", CountryIndexOf("AU")});
  EXPECT_FALSE(days.known());
  EXPECT_THAT(days.reasons, ElementsAre("LOCATION_UNKNOWN"));
}

TEST_F(ChainViewTest, AnOfftakeOfAnUnknownUseIsEvidenceAndNoShare) {
  changes_.facilities[kMaker]->inputs[0].use_tonnes_per_day = std::nullopt;
  changes_.links["links/2"]->share = std::nullopt;
  changes_.links["links/2"]->tonnes_per_year = 10;
  EXPECT_EQ(TierOf(View(), kMaker, 1).unknown, 1);
  const Days days = After({"", CountryIndexOf("AU")});
  EXPECT_FALSE(days.known());
  EXPECT_THAT(days.reasons, ElementsAre("SOURCES_UNKNOWN", "STOCK_UNKNOWN"));
  LinkBudget budget = kPlenty;
  const Cone cone = *ConeOf(View(), {kMaker, kCobalt}, "", kMaxTier, budget);
  const FailurePoints found = FailurePointsOf(cone.graph, cone.root, 10, GroupBy::kFacility);
  ASSERT_EQ(found.points.size(), 2U);
  EXPECT_FALSE(found.points[0].certain);
  PathQuery query;
  query.tier = 2;
  const SupplyPaths paths = PathsOf(cone.graph, cone.root, query);
  ASSERT_EQ(paths.paths.size(), 1U);
  EXPECT_THAT(paths.paths[0].links, ElementsAre("links/2", "links/1"));
  EXPECT_EQ(paths.paths[0].share, std::nullopt);
}

TEST_F(ChainViewTest, NothingKnownIsNotSafe) {
  changes_ = {};
  changes_.facilities[kMaker] = FacilityFact{};
  const Days days = After({"", CountryIndexOf("CN")});
  EXPECT_FALSE(days.known());
  EXPECT_EQ(days.lower, 0);
  EXPECT_EQ(days.upper, std::nullopt);
}

TEST_F(ChainViewTest, ACutChainIsNotSafe) {
  const Days days = After({"", CountryIndexOf("AU")}, "anonymous", {1});
  EXPECT_FALSE(days.known());
  EXPECT_THAT(days.reasons, ElementsAre("CHAIN_TRUNCATED"));
}

TEST_F(ChainViewTest, AnAlternateThatIsLostTooTakesNothingOver) {
  constexpr char kOther[] = "suppliers/v/facilities/other";
  changes_.facilities[kOther] = Refinery("CN", 0);
  changes_.facilities[kOther]->outputs[0].spare_tonnes_per_year = 365.0 * 100;
  changes_.facilities[kMaker]->inputs[0].qualified = {kOther};
  EXPECT_TRUE(After({kRefinery, kUnknownCountry}).never());
  EXPECT_EQ(After({"", CountryIndexOf("CN")}).lower, 20);
}

TEST_F(ChainViewTest, OneProductRunsShortWithoutTheOthers) {
  changes_.facilities[kMaker]->inputs.push_back(Input("metal", 1, 3));
  changes_.links["links/3"] = Flow("links/3", kMine, kMaker, "metal", 1);
  const Loss loss = {kMine, kUnknownCountry};
  EXPECT_EQ(After(loss).lower, 3);
  EXPECT_EQ(DaysAfter(View(), {{kMaker}, kCobalt, "sulphate"}, loss, kPlenty).lower, 30);
  const Days other = DaysAfter(View(), {{kMaker}, kCobalt, "nothing-known"}, loss, kPlenty);
  EXPECT_EQ(other.lower, 0);
  EXPECT_EQ(other.upper, std::nullopt);
}

// Chains of several owners that change at random.
class RandomChains {
 public:
  explicit RandomChains(uint32_t seed) : random_(seed) {}

  ChainChanges Edit() {
    ChainChanges changes;
    if (Below(5) == 0) {
      changes.today = absl::StrCat("20", 10 + Below(30), "-01-01");
    }
    for (int i = 1 + Below(4); i > 0; --i) {
      const bool gone = Below(6) == 0;
      switch (Below(4)) {
        case 0:
          changes.facilities[Facility()] = gone ? std::nullopt : std::optional(RandomFacility());
          break;
        case 1:
          changes.suppliers[Supplier()] = gone ? std::nullopt : std::optional(SupplierFact{RandomReaders(), Country()});
          break;
        default: {
          const std::string name = absl::StrCat("links/", Below(80));
          changes.links[name] = gone ? std::nullopt : std::optional(RandomLink(name));
        }
      }
    }
    return changes;
  }

 private:
  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }
  std::string Supplier() { return absl::StrCat("suppliers/", Below(4)); }
  std::string Facility() { return absl::StrCat(Supplier(), "/facilities/", Below(5)); }
  std::string Country() {
    return std::vector<std::string>{"AU", "CD", "CN", "JP", "ZZ"}[static_cast<size_t>(Below(5))];
  }
  std::string Mineral() { return Below(3) == 0 ? "minerals/nickel" : kCobalt; }
  std::string Product() { return Below(2) == 0 ? "ore" : "sulphate"; }
  Readers RandomReaders() {
    switch (Below(5)) {
      case 0:
        return Only({"alice"});
      case 1:
        return Only({"bob"});
      case 2:
        return Only({"alice", "bob"});
      default:
        return {};
    }
  }
  FacilityFact RandomFacility() {
    FacilityFact facility = Below(3) == 0 ? Mine(Country()) : FacilityFact{};
    facility.readers = RandomReaders();
    facility.country = Country();
    for (int i = Below(3); i > 0; --i) {
      FacilityInput input = Input(Product(), 1 + Below(9), Below(100));
      input.mineral = Mineral();
      input.qualified = {Facility()};
      facility.inputs.push_back(input);
    }
    return facility;
  }
  ChainLinkFact RandomLink(const std::string& name) {
    const std::string from = Below(4) == 0 ? Supplier() : Facility();
    ChainLinkFact link = Flow(name, from, Below(5) == 0 ? Supplier() : Facility(), Product(), std::nullopt);
    link.readers = RandomReaders();
    link.mineral = Mineral();
    if (Below(2) == 0) {
      link.share = 0.1 * Below(8);
    } else {
      link.tonnes_per_year = 100.0 * Below(20);
    }
    link.verified = Below(2) == 0;
    if (Below(3) == 0) {
      link.ends = absl::StrCat("20", 10 + Below(30));
    }
    return link;
  }

  std::mt19937 random_;
};

template <typename Fact>
void Apply(const std::map<std::string, std::optional<Fact>>& changes, std::map<std::string, std::optional<Fact>>& all) {
  for (const auto& [name, fact] : changes) {
    all[name] = fact;
  }
}

// What of the facts a principal may read, as if there were nothing else.
template <typename Fact>
std::map<std::string, std::optional<Fact>> Readable(const std::map<std::string, std::optional<Fact>>& all,
                                                    const std::string& principal) {
  std::map<std::string, std::optional<Fact>> readable;
  for (const auto& [name, fact] : all) {
    if (!fact.has_value()) {
      continue;
    }
    const std::vector<std::string>& may = fact->readers.principals;
    if (fact->readers.everybody || std::find(may.begin(), may.end(), principal) != may.end()) {
      readable[name] = fact;
      readable[name]->readers = {};
    }
  }
  return readable;
}

// What is answered on request.
void ExpectTheSameAnswers(const ChainView& view, const ChainView& fresh, const NodeKey& key) {
  LinkBudget left = kPlenty;
  LinkBudget left_of_fresh = kPlenty;
  const Cone cone = *ConeOf(view, key, "", kMaxTier, left);
  const Cone expected = *ConeOf(fresh, key, "", kMaxTier, left_of_fresh);
  const auto tiers = SupplierShares(cone.graph, cone.root, GroupBy::kSupplier);
  const auto expected_tiers = SupplierShares(expected.graph, expected.root, GroupBy::kSupplier);
  for (size_t tier = 0; tier < tiers.size(); ++tier) {
    ASSERT_EQ(tiers[tier].unknown, expected_tiers[tier].unknown);
    ASSERT_EQ(tiers[tier].suppliers.size(), expected_tiers[tier].suppliers.size());
    for (size_t i = 0; i < tiers[tier].suppliers.size(); ++i) {
      ASSERT_EQ(tiers[tier].suppliers[i].name, expected_tiers[tier].suppliers[i].name);
      ASSERT_EQ(tiers[tier].suppliers[i].verified, expected_tiers[tier].suppliers[i].verified);
      ASSERT_EQ(tiers[tier].suppliers[i].inferred, expected_tiers[tier].suppliers[i].inferred);
    }
  }
  const PathQuery query{kUnknownCountry, 3, 10};
  const SupplyPaths paths = PathsOf(cone.graph, cone.root, query);
  const SupplyPaths expected_paths = PathsOf(expected.graph, expected.root, query);
  ASSERT_EQ(paths.paths.size(), expected_paths.paths.size());
  for (size_t i = 0; i < paths.paths.size(); ++i) {
    ASSERT_EQ(paths.paths[i].links, expected_paths.paths[i].links);
    ASSERT_EQ(paths.paths[i].share, expected_paths.paths[i].share);
    ASSERT_EQ(paths.paths[i].verified, expected_paths.paths[i].verified);
  }
  const auto points = FailurePointsOf(cone.graph, cone.root, 300, GroupBy::kFacility).points;
  const auto expected_points = FailurePointsOf(expected.graph, expected.root, 300, GroupBy::kFacility).points;
  ASSERT_EQ(points.size(), expected_points.size());
  for (size_t i = 0; i < points.size(); ++i) {
    ASSERT_EQ(points[i].name, expected_points[i].name);
    ASSERT_EQ(points[i].certain, expected_points[i].certain);
  }
  const Cone market = *MarketOf(view, key, "ore", left);
  const Cone expected_market = *MarketOf(fresh, key, "ore", left_of_fresh);
  const auto others = AlternativesOf(market.graph, market.root, {"ore"});
  const auto expected_others = AlternativesOf(expected_market.graph, expected_market.root, {"ore"});
  ASSERT_EQ(others.size(), expected_others.size());
  for (size_t i = 0; i < others.size(); ++i) {
    ASSERT_EQ(market.graph.Key(others[i].node), expected_market.graph.Key(expected_others[i].node));
    ASSERT_EQ(others[i].qualified, expected_others[i].qualified);
  }
}

TEST(RandomChainsTest, EachSeesWhatAFreshComputationOfWhatHeMayReadGivesToTheBit) {
  for (const uint32_t seed : {1U, 2U, 3U}) {
    RandomChains chains(seed);
    ChainEditor editor(1);
    ChainChanges all;
    for (int step = 1; step <= 400; ++step) {
      const ChainChanges edit = chains.Edit();
      Apply(edit.facilities, all.facilities);
      Apply(edit.suppliers, all.suppliers);
      Apply(edit.links, all.links);
      all.today = edit.today.has_value() ? edit.today : all.today;
      const auto chain = editor.Apply(edit);
      if (step % 20 != 0) {
        continue;
      }
      for (const std::string principal : {"anonymous", "alice", "bob"}) {
        ChainEditor fresh_editor(2);
        ChainChanges readable;
        readable.facilities = Readable(all.facilities, principal);
        readable.suppliers = Readable(all.suppliers, principal);
        readable.links = Readable(all.links, principal);
        readable.today = all.today;
        const ChainView fresh(fresh_editor.Apply(readable), principal);
        const ChainView view(chain, principal);
        ASSERT_TRUE(fresh.only_public());
        ExposureReader exposures(view);
        for (int i = 0; i < 4 * 6; ++i) {
          const std::string supplier = absl::StrCat("suppliers/", i / 6);
          const std::string name = i % 6 == 5 ? supplier : absl::StrCat(supplier, "/facilities/", i % 6);
          ASSERT_EQ(view.Knows(name), fresh.Knows(name));
          ASSERT_EQ(view.MineralsOf(name), fresh.MineralsOf(name));
          ASSERT_EQ(view.FacilitiesOf(supplier), fresh.FacilitiesOf(supplier));
          for (const std::string product : {"", "ore"}) {
            LinkBudget budget = kPlenty;
            const auto seen = exposures.Of({name, kCobalt}, product, budget);
            const auto expected = Seen(fresh, {name, kCobalt}, product, budget);
            ASSERT_EQ(seen->tiers, expected->tiers) << principal << " " << name << " " << step;
            ASSERT_EQ(seen->flags, expected->flags);
          }
          ExpectTheSameAnswers(view, fresh, {name, kCobalt});
          const Loss loss = {"", CountryIndexOf("CN")};
          const Days days = DaysAfter(view, {{name}, "", ""}, loss, kPlenty);
          const Days expected = DaysAfter(fresh, {{name}, "", ""}, loss, kPlenty);
          ASSERT_EQ(days.lower, expected.lower);
          ASSERT_EQ(days.upper, expected.upper);
          ASSERT_EQ(days.reasons, expected.reasons);
        }
      }
    }
  }
}

}  // namespace
}  // namespace orewatch::risk
