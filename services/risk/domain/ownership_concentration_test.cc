#include "services/risk/domain/ownership_concentration.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/risk/domain/chain_editor.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

constexpr char kCobalt[] = "minerals/cobalt";
constexpr StageNumber kMine = 1;
constexpr BasisNumber kGross = 1;
constexpr BasisNumber kContained = 2;

std::string Name(const std::string& id) { return absl::StrCat("suppliers/", id, "/facilities/mine"); }

OwnerFact Owner(const std::string& country, std::optional<double> share) { return {"", country, share, true}; }

const Component& PartOf(const Score& score, const std::string& name) {
  const auto found = std::find_if(score.components.begin(), score.components.end(),
                                  [&](const Component& component) { return component.name == name; });
  EXPECT_NE(found, score.components.end()) << name;
  return *found;
}

double Contributions(const Score& score) {
  double sum = 0;
  for (const Input& input : score.inputs) {
    sum += input.contribution.value_or(0);
  }
  return sum;
}

class OwnershipConcentrationTest : public ::testing::Test {
 protected:
  void Output(const std::string& country, std::optional<double> amount, Measure measure = Measure::kTonnes) {
    Figure figure;
    figure.amount = amount;
    figure.measure = measure;
    figure.withheld = !amount.has_value();
    changes_.production[{{kCobalt, kMine}, {"usgs-mcs-2026", "ore", kContained, "all", 2024, country}}] = figure;
  }
  FacilityFact& Mine(const std::string& id, const std::string& country, std::optional<double> capacity,
                     std::vector<OwnerFact> owners) {
    FacilityFact mine;
    mine.country = country;
    mine.outputs = {{kCobalt, kMine, "ore", "", {}, capacity, kContained}};
    mine.owners = std::move(owners);
    mine.provenance.source = id;
    return *(changes_.chain.facilities[Name(id)] = std::move(mine));
  }
  Score Compute() const {
    ChainEditor editor(1);
    const auto model = Model(Parameters()).Apply(changes_, 1);
    return OwnershipConcentration(SeriesView(model->world(), {kCobalt, kMine}), editor.Apply(changes_.chain));
  }

  Changes changes_;
};

TEST_F(OwnershipConcentrationTest, DividesOutputAmongTheCountriesOfItsOwners) {
  Output("AU", 60);
  Output("CL", 40);
  Mine("a", "AU", 60, {Owner("AU", 0.5), Owner("CN", 0.5)});
  Mine("b", "CL", 40, {Owner("CL", 1)});
  const Score score = Compute();
  // 0.3^2 + 0.3^2 + 0.4^2.
  EXPECT_NEAR(*score.estimate.value, 3400, 1e-9);
  EXPECT_EQ(score.estimate.lower, score.estimate.value);
  EXPECT_EQ(score.estimate.upper, score.estimate.value);
  EXPECT_THAT(score.estimate.reasons, IsEmpty());
  EXPECT_EQ(score.band, Band::kHigh);
  EXPECT_EQ(score.top_country, "CL");
  EXPECT_EQ(score.reference_year, 2024);
  EXPECT_NEAR(*PartOf(score, "owner_known").estimate.value, 1, 1e-12);
  EXPECT_NEAR(*PartOf(score, "largest_1").estimate.value, 0.4, 1e-12);
  EXPECT_NEAR(*PartOf(score, "largest_3").estimate.value, 1, 1e-12);
}

TEST_F(OwnershipConcentrationTest, ExplainsFacilitiesWithTheirSourcesAndOwnersWhoAddUp) {
  Output("AU", 60);
  Output("CL", 40);
  Mine("a", "AU", 30, {Owner("CN", 1)});
  Mine("b", "CL", 40, {Owner("CL", 0.75)});
  const Score score = Compute();
  EXPECT_NEAR(Contributions(score), *score.estimate.value, 1e-9);
  ASSERT_EQ(score.inputs.size(), 6U);
  const Input& largest = score.inputs[0];
  EXPECT_EQ(largest.role, "facility");
  EXPECT_EQ(largest.facility, Name("b"));
  EXPECT_EQ(largest.country, "CL");
  EXPECT_EQ(largest.figure.amount, 40);
  EXPECT_EQ(largest.basis, kContained);
  EXPECT_EQ(largest.figure.provenance.source, "b");
  EXPECT_NEAR(*largest.value, 0.4, 1e-12);
  EXPECT_EQ(score.inputs[2].role, "owner");
  EXPECT_EQ(score.inputs[2].country, "CL");
  EXPECT_NEAR(*score.inputs[2].contribution, 900, 1e-9);
  EXPECT_EQ(score.inputs[4].role, "production");
  EXPECT_NEAR(*score.inputs[4].value, 0.6, 1e-12);
}

TEST_F(OwnershipConcentrationTest, FacilitiesNeverMakeMoreThanTheirCountry) {
  Output("AU", 50);
  Output("ZZ", 50);
  Mine("a", "AU", 75, {Owner("CN", 1)});
  Mine("b", "AU", 25, {Owner("AU", 1)});
  const Score score = Compute();
  // Shares 0.375 and 0.125; half is unknown, and may all be China's.
  EXPECT_NEAR(*score.estimate.value, 1562.5, 1e-9);
  EXPECT_NEAR(*score.estimate.upper, 7812.5, 1e-9);
  EXPECT_EQ(score.estimate.lower, score.estimate.value);
  EXPECT_NEAR(*PartOf(score, "owner_known").estimate.value, 0.5, 1e-12);
  EXPECT_NEAR(*PartOf(score, "largest_1").estimate.upper, 0.875, 1e-12);
  EXPECT_THAT(score.estimate.reasons, ElementsAre("OWNERS_UNKNOWN"));
  EXPECT_THAT(score.notes, ElementsAre("CAPACITY_EXCEEDS_OUTPUT:AU"));
  EXPECT_EQ(score.band, Band::kUnspecified);
}

TEST_F(OwnershipConcentrationTest, NeverScalesUpWhatIsKnown) {
  Output("AU", 100);
  Mine("a", "AU", 20, {Owner("CN", 0.5)});
  Mine("silent", "AU", 30, {});
  Mine("unmeasured", "AU", {}, {Owner("JP", 1)});
  Mine("abroad", "CA", 40, {Owner("CA", 1)});
  Mine("resting", "AU", 10, {Owner("AU", 1)}).operating = false;
  const Score score = Compute();
  EXPECT_NEAR(*score.estimate.value, 100, 1e-9);
  EXPECT_NEAR(*score.estimate.upper, 10'000, 1e-9);
  EXPECT_NEAR(*PartOf(score, "owner_known").estimate.value, 0.1, 1e-12);
  EXPECT_THAT(score.inputs, Contains(AllOf(Field(&Input::facility, Name("unmeasured")),
                                           Field(&Input::value, std::optional<double>()))));
}

TEST_F(OwnershipConcentrationTest, IsUnsetWhereNothingIsKnown) {
  EXPECT_THAT(Compute().estimate.reasons, ElementsAre("NO_SHARES"));
  Output("AU", 100);
  Mine("a", "AU", 20, {Owner("CN", {})});
  const Score score = Compute();
  EXPECT_FALSE(score.estimate.value.has_value());
  EXPECT_FALSE(score.estimate.upper.has_value());
  EXPECT_THAT(score.estimate.reasons, ElementsAre("NO_OWNERS"));
  EXPECT_EQ(*PartOf(score, "owner_known").estimate.value, 0);
}

TEST_F(OwnershipConcentrationTest, ACapacityOfAnotherMassOrProductSaysNothing) {
  Output("AU", 100);
  Mine("a", "AU", 20, {Owner("CN", 1)}).outputs[0].basis = kGross;
  EXPECT_THAT(Compute().estimate.reasons, ElementsAre("BASIS_MISMATCH", "NO_OWNERS"));
  EXPECT_EQ(Compute().inputs[0].figure.amount, 20) << "it is shown all the same, as what it is";
  EXPECT_EQ(Compute().inputs[0].basis, kGross);
  Mine("a", "AU", 20, {Owner("CN", 1)}).outputs[0].product = "hydroxide";
  EXPECT_THAT(Compute().estimate.reasons, ElementsAre("NO_OWNERS", "PRODUCT_MISMATCH"));
  FacilityFact& both = Mine("a", "AU", 20, {Owner("CN", 1)});
  both.outputs.push_back({kCobalt, kMine, "", "", {}, 30, kContained});
  both.outputs.push_back({kCobalt, kMine, "ore", "", {}, 7, kGross});
  both.outputs.push_back({kCobalt, 3, "ore", "", {}, 7, kContained});
  both.outputs.push_back({"minerals/copper", kMine, "ore", "", {}, 7, kContained});
  EXPECT_NEAR(*Compute().estimate.value, 2500, 1e-9);
  EXPECT_THAT(Compute().estimate.reasons, ElementsAre("BASIS_MISMATCH", "OWNERS_UNKNOWN"));
}

TEST_F(OwnershipConcentrationTest, SharesOfTheWorldCannotBeSetAgainstTonnes) {
  Output("AU", 0.5, Measure::kShares);
  Mine("a", "AU", 20, {Owner("CN", 1)});
  EXPECT_THAT(Compute().estimate.reasons, ElementsAre("BASIS_MISMATCH", "NO_OWNERS"));
}

TEST_F(OwnershipConcentrationTest, AWithheldOutputLeavesNoBounds) {
  Output("AU", 100);
  Output("US", {});
  Mine("a", "AU", 100, {Owner("CN", 1)});
  Mine("b", "US", 100, {Owner("US", 1)});
  const Score score = Compute();
  EXPECT_NEAR(*score.estimate.value, 10'000, 1e-9);
  EXPECT_EQ(score.estimate.lower, 0);
  EXPECT_FALSE(score.estimate.upper.has_value());
  EXPECT_THAT(score.estimate.reasons, ElementsAre("WITHHELD:US"));
  EXPECT_EQ(PartOf(score, "owner_known").estimate.lower, 0);
}

TEST_F(OwnershipConcentrationTest, OwnersWhoHoldMoreThanTheWholeAreUnknown) {
  Output("AU", 100);
  changes_.chain.suppliers["suppliers/joint"] = SupplierFact{{}, "AU", {Owner("CN", 0.6)}};
  Mine("a", "AU", 40, {{"suppliers/joint", "AU", 1, false}, Owner("CN", 0.6)});
  Mine("b", "AU", 60, {Owner("AU", 1)});
  const Score score = Compute();
  EXPECT_NEAR(*score.estimate.value, 3600, 1e-9);
  EXPECT_THAT(score.estimate.reasons, ElementsAre("OWNERS_EXCEED_ONE:AU", "OWNERS_UNKNOWN"));
}

TEST_F(OwnershipConcentrationTest, WhatNotEverybodyMayReadChangesNothing) {
  Output("AU", 100);
  Mine("a", "AU", 50, {{"suppliers/hidden", "", 1, false}, Owner("AU", 0.5)});
  const Score without = Compute();
  changes_.chain.suppliers["suppliers/hidden"] = SupplierFact{{false, {"", "alice"}}, "CN", {Owner("CN", 1)}};
  Mine("b", "AU", 90, {Owner("CN", 1)}).readers = {false, {"", "alice"}};
  EXPECT_TRUE(SameContent(Compute(), without));
  changes_.chain.facilities[Name("b")]->readers = {};
  EXPECT_FALSE(SameContent(Compute(), without));
}

TEST_F(OwnershipConcentrationTest, ForgetsWhatMovesRestsOrGoes) {
  Output("AU", 100);
  for (const char* id : {"stays", "moves", "rests", "goes"}) {
    Mine(id, "AU", 20, {Owner("CN", 1)});
  }
  ChainEditor editor(1);
  editor.Apply(changes_.chain);
  changes_.chain.facilities[Name("moves")]->outputs[0].stage = 3;
  changes_.chain.facilities[Name("rests")]->operating = false;
  changes_.chain.facilities[Name("goes")].reset();
  const auto model = Model(Parameters()).Apply(changes_, 1);
  const Score score =
      OwnershipConcentration(SeriesView(model->world(), {kCobalt, kMine}), editor.Apply(changes_.chain));
  EXPECT_NEAR(*score.estimate.value, 400, 1e-9);
  EXPECT_TRUE(SameContent(score, Compute()));
}

TEST_F(OwnershipConcentrationTest, ListsTheLargestFacilitiesAndCountsTheRest) {
  Output("AU", 1e6);
  for (int i = 0; i < 1002; ++i) {
    Mine(absl::StrCat("m", i), "AU", i, {Owner("CN", 1)});
  }
  const Score score = Compute();
  EXPECT_EQ(score.inputs.size(), kMaxListedFacilities + 2);
  EXPECT_EQ(score.inputs[0].figure.amount, 1001);
  EXPECT_THAT(score.notes, ElementsAre("FACILITIES_NOT_LISTED:2"));
  EXPECT_NEAR(*PartOf(score, "owner_known").estimate.value, 501'501 / 1e6, 1e-12);
}

class RandomOwnershipTest : public OwnershipConcentrationTest {
 protected:
  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }
  std::string Country() {
    static const std::vector<std::string> kCountries = {"AU", "CL", "CN", "JP"};
    return kCountries[static_cast<size_t>(Below(4))];
  }
  void Random() {
    changes_ = {};
    for (const char* country : {"AU", "CL", "CN", "ZZ"}) {
      Output(country, 1 + Below(200));
    }
    for (int i = Below(6); i >= 0; --i) {
      std::vector<OwnerFact> owners;
      for (int j = Below(3); j > 0; --j) {
        owners.push_back(Owner(Country(), 0.1 * Below(5)));
      }
      const auto capacity = Below(5) == 0 ? std::optional<double>() : 1 + Below(100);
      Mine(absl::StrCat("m", i), Country(), capacity, owners);
    }
  }

  std::mt19937 random_{7};
};

TEST_F(RandomOwnershipTest, BoundsHoldTheValueAndContributionsAddUpToIt) {
  int scored = 0;
  for (int i = 0; i < 2000; ++i) {
    Random();
    const Score score = Compute();
    if (!score.estimate.value.has_value()) {
      continue;
    }
    ++scored;
    EXPECT_LE(score.estimate.lower, *score.estimate.value);
    EXPECT_LE(*score.estimate.value, *score.estimate.upper);
    EXPECT_LE(*score.estimate.upper, 10'000 + 1e-6);
    EXPECT_NEAR(Contributions(score), *score.estimate.value, 1e-6);
    EXPECT_LE(*PartOf(score, "owner_known").estimate.value, 1 + 1e-9);
  }
  EXPECT_GT(scored, 1000);
}

TEST_F(RandomOwnershipTest, LearningAnOwnerOnlyNarrows) {
  int narrowed = 0;
  for (int i = 0; i < 2000; ++i) {
    Random();
    const Score before = Compute();
    auto facility = changes_.chain.facilities.begin();
    std::advance(facility, Below(static_cast<int>(changes_.chain.facilities.size())));
    facility->second->owners.push_back(Owner(Country(), 0.2));
    const Score after = Compute();
    EXPECT_GE(after.estimate.lower, before.estimate.lower - 1e-6);
    if (before.estimate.upper.has_value()) {
      EXPECT_LE(*after.estimate.upper, *before.estimate.upper + 1e-6);
      narrowed += *after.estimate.value > *before.estimate.value + 1e-6 ? 1 : 0;
    }
  }
  EXPECT_GT(narrowed, 500);
}

TEST_F(RandomOwnershipTest, LearningAFacilityWhereThereIsRoomOnlyNarrows) {
  for (int i = 0; i < 2000; ++i) {
    Random();
    Output("FI", 100);
    Mine("old", "FI", 50, {Owner(Country(), 0.5)});
    const Score before = Compute();
    Mine("new", "FI", 50, {Owner(Country(), 1)});
    const Score after = Compute();
    EXPECT_GE(after.estimate.lower, before.estimate.lower - 1e-6);
    EXPECT_LE(*after.estimate.upper, *before.estimate.upper + 1e-6);
  }
}

TEST_F(RandomOwnershipTest, HasTheSameBitsHoweverTheFactsCame) {
  for (int i = 0; i < 50; ++i) {
    Random();
    ChainEditor editor(1);
    std::vector<std::string> names;
    for (const auto& [name, fact] : changes_.chain.facilities) {
      names.push_back(name);
    }
    std::shuffle(names.begin(), names.end(), random_);
    std::shared_ptr<const Chain> chain;
    for (const std::string& name : names) {
      ChainChanges one;
      one.facilities[name] = changes_.chain.facilities[name];
      chain = editor.Apply(one);
    }
    const auto model = Model(Parameters()).Apply(changes_, 1);
    EXPECT_TRUE(SameContent(OwnershipConcentration(SeriesView(model->world(), {kCobalt, kMine}), chain), Compute()));
  }
}

}  // namespace
}  // namespace orewatch::risk
