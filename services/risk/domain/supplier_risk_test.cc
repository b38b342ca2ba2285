#include "services/risk/domain/supplier_risk.h"

#include <memory>

#include "gmock/gmock.h"
#include "services/risk/domain/chain_editor.h"

namespace orewatch::risk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kSupplier[] = "suppliers/s";
constexpr char kPlant[] = "suppliers/s/facilities/plant";
constexpr StageNumber kRefine = 3;

FindingFact Finding(FindingKind kind, bool adverse, const std::string& date = "2024") { return {kind, adverse, date}; }

std::vector<FindingFact> AllCleared() {
  std::vector<FindingFact> findings;
  findings.reserve(kFindingKinds.size());
  for (const FindingKind kind : kFindingKinds) {
    findings.push_back(Finding(kind, false));
  }
  return findings;
}

FacilityOutput Output(StageNumber stage, const std::string& product) {
  FacilityOutput output;
  output.mineral = "minerals/cobalt";
  output.stage = stage;
  output.product = product;
  return output;
}

class SupplierRiskTest : public ::testing::Test {
 protected:
  // Governance risks of 20 in Australia and 60 in China; refined cobalt is made half in each: hhi_governance is 2000.
  SupplierRiskTest() {
    Changes facts;
    for (const auto& [country, estimate] : {std::make_pair("AU", 1.5), std::make_pair("CN", -0.5)}) {
      GovernanceFact governance;
      governance.estimates.fill(estimate);
      facts.governance[{country, 2023, "wgi"}] = governance;
      Figure figure;
      figure.amount = 50;
      facts.production[{{"minerals/cobalt", kRefine}, {"usgs-mcs-2026", "", 2, "", 2024, country}}] = figure;
    }
    model_ = Model(Parameters()).Apply(facts, 1);
    changes_.suppliers[kSupplier] = SupplierFact{{}, "AU"};
    FacilityFact plant;
    plant.country = "CN";
    changes_.facilities[kPlant] = plant;
  }
  SupplierFact& Supplier() { return *changes_.suppliers[kSupplier]; }
  FacilityFact& Plant() { return *changes_.facilities[kPlant]; }
  void SupplyPlant(const std::string& from, double share) {
    ChainLinkFact link;
    link.name = "links/" + from.substr(from.find('/') + 1);
    link.from = from;
    link.to = kPlant;
    link.mineral = "minerals/cobalt";
    link.product = "ore";
    link.share = share;
    changes_.links[link.name] = link;
  }
  Score Run(const std::string& name, const std::string& principal = "anonymous") {
    ChainEditor editor(1);
    LinkBudget budget{1000};
    auto score = SupplierRisk({editor.Apply(changes_), principal}, *model_, name, SupplierRiskParameters(), budget);
    EXPECT_TRUE(score.has_value());
    return *std::move(score);
  }
  static const Estimate& Part(const Score& score, const std::string& name) {
    for (const Component& component : score.components) {
      if (component.name == name) {
        return component.estimate;
      }
    }
    ADD_FAILURE() << name;
    static const Estimate kNone;
    return kNone;
  }

  std::shared_ptr<const Model> model_;
  ChainChanges changes_;
};

TEST(FindingsRiskTest, AbsentIsUnknownAndNotClear) {
  const Estimate nothing = FindingsRisk({});
  EXPECT_EQ(nothing.value, 50);
  EXPECT_EQ(nothing.lower, 0);
  EXPECT_EQ(nothing.upper, 100);
  EXPECT_THAT(nothing.reasons, ElementsAre("FINDING_UNKNOWN:forced_labour", "FINDING_UNKNOWN:foreign_entity_of_concern",
                                           "FINDING_UNKNOWN:responsible_sourcing", "FINDING_UNKNOWN:sanctions"));
  const Estimate one = FindingsRisk({Finding(FindingKind::kSanctions, false)});
  EXPECT_EQ(one.value, 37.5);
  EXPECT_EQ(one.upper, 100) << "any of the others may be adverse";
  const Estimate clear = FindingsRisk(AllCleared());
  EXPECT_EQ(clear.value, 0);
  EXPECT_EQ(clear.upper, 0);
  EXPECT_THAT(clear.reasons, IsEmpty());
}

TEST(FindingsRiskTest, OneAdverseFindingIsEnoughUntilItIsCleared) {
  std::vector<FindingFact> findings = AllCleared();
  findings.push_back(Finding(FindingKind::kForcedLabour, true, "2024-06"));
  EXPECT_EQ(FindingsRisk(findings).lower, 100);
  findings.push_back(Finding(FindingKind::kForcedLabour, false, "2025"));
  EXPECT_EQ(FindingsRisk(findings).value, 0);
  findings.push_back(Finding(FindingKind::kForcedLabour, true, "2025"));
  EXPECT_EQ(FindingsRisk(findings).value, 100) << "of one day the adverse";
}

TEST_F(SupplierRiskTest, OfWhichNothingIsKnownIsInTheMiddleAndNeverSafe) {
  changes_ = {};
  changes_.suppliers[kSupplier] = SupplierFact{};
  const Score score = Run(kSupplier);
  EXPECT_EQ(score.estimate.value, 50);
  EXPECT_EQ(score.estimate.lower, 0);
  EXPECT_EQ(score.estimate.upper, 100);
  EXPECT_EQ(score.band, Band::kUnspecified);
  EXPECT_THAT(score.estimate.reasons, Contains("OWNERS_UNKNOWN"));
  EXPECT_THAT(score.estimate.reasons, Contains("SOURCES_UNKNOWN"));
}

TEST_F(SupplierRiskTest, AFacilityIsItsPlaceItsOwnersWhatItMakesAndWhatFeedsIt) {
  Plant().owners = {{"", "AU", 0.75, true}};
  Plant().outputs = {Output(kRefine, "sulphate")};
  FacilityInput input;
  input.mineral = "minerals/cobalt";
  input.product = "ore";
  Plant().inputs = {input};
  Supplier().findings = AllCleared();
  FacilityFact mine;
  mine.country = "AU";
  mine.outputs = {Output(1, "ore")};
  changes_.facilities["suppliers/m/facilities/mine"] = mine;
  changes_.suppliers["suppliers/m"] = SupplierFact{{}, "AU"};
  SupplyPlant("suppliers/m/facilities/mine", 0.5);
  const Score score = Run(kPlant);
  EXPECT_DOUBLE_EQ(*Part(score, "place").value, 60);
  EXPECT_DOUBLE_EQ(*Part(score, "control").value, 0.75 * 20 + 0.25 * 50);
  EXPECT_DOUBLE_EQ(Part(score, "control").lower, 0.75 * 20);
  EXPECT_DOUBLE_EQ(*Part(score, "control").upper, 0.75 * 20 + 0.25 * 100);
  EXPECT_DOUBLE_EQ(*Part(score, "findings").value, 0);
  EXPECT_DOUBLE_EQ(*Part(score, "handled").value, 20);
  // Half from Australia; further up the mine's own, and half from nobody knows where.
  EXPECT_DOUBLE_EQ(*Part(score, "sources").upper, 0.5 * 20 + 0.5 * 100);
  double contributions = 0;
  for (const Input& input_row : score.inputs) {
    contributions += input_row.contribution.value_or(0);
  }
  EXPECT_DOUBLE_EQ(contributions, *score.estimate.value);
  EXPECT_LE(score.estimate.lower, *score.estimate.value);
  EXPECT_GE(*score.estimate.upper, *score.estimate.value);
}

TEST_F(SupplierRiskTest, ASupplierIsAsRiskyAsTheWorstOfItsPlaces) {
  EXPECT_DOUBLE_EQ(*Part(Run(kSupplier), "place").value, 60);
  Plant().country = "AU";
  EXPECT_DOUBLE_EQ(*Part(Run(kSupplier), "place").value, 20);
}

TEST_F(SupplierRiskTest, AnAdverseFindingNeverLowersTheScore) {
  const double before = *Run(kPlant).estimate.value;
  Supplier().findings = {Finding(FindingKind::kSanctions, true)};
  const Score after = Run(kPlant);
  EXPECT_GT(*after.estimate.value, before);
  EXPECT_GE(after.estimate.lower, 25) << "its weight of 100";
}

TEST_F(SupplierRiskTest, SeesWhatItsReaderSees) {
  FacilityFact hidden;
  hidden.country = "CN";
  hidden.readers = {false, {"alice"}};
  changes_.facilities["suppliers/s/facilities/hidden"] = hidden;
  Plant().country = "AU";
  EXPECT_DOUBLE_EQ(*Part(Run(kSupplier), "place").value, 20);
  EXPECT_DOUBLE_EQ(*Part(Run(kSupplier, "alice"), "place").value, 60);
}

TEST_F(SupplierRiskTest, GivesNothingWhereTheBudgetDoesNotSuffice) {
  Plant().readers = {false, {"alice"}};
  FacilityInput input;
  input.mineral = "minerals/cobalt";
  input.product = "ore";
  Plant().inputs = {input};
  SupplyPlant("suppliers/other", 0.5);
  ChainEditor editor(1);
  LinkBudget none{0};
  EXPECT_FALSE(
      SupplierRisk({editor.Apply(changes_), "alice"}, *model_, kPlant, SupplierRiskParameters(), none).has_value());
}

}  // namespace
}  // namespace orewatch::risk
