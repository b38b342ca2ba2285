#include "services/risk/domain/ownership.h"

#include "gmock/gmock.h"
#include "services/risk/domain/chain_editor.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kMine[] = "suppliers/s/facilities/mine";
const CountryIndex kAustralia = CountryIndexOf("AU");
const CountryIndex kChina = CountryIndexOf("CN");

class OwnershipTest : public ::testing::Test {
 protected:
  OwnershipTest() {
    changes_.suppliers["suppliers/s"] = SupplierFact{{}, "AU"};
    changes_.facilities[kMine] = FacilityFact{};
  }
  SupplierFact& Supplier(const std::string& name) { return Present(changes_.suppliers[name]); }
  FacilityFact& Mine() { return *changes_.facilities[kMine]; }
  UltimateOwners Owners(const std::string& principal = "anonymous", const std::string& of = kMine) {
    ChainEditor editor(1);
    return UltimateOwnersOf({editor.Apply(changes_), principal}, of);
  }

  ChainChanges changes_;

 private:
  static SupplierFact& Present(std::optional<SupplierFact>& fact) { return fact.has_value() ? *fact : fact.emplace(); }
};

TEST_F(OwnershipTest, FollowsOwnersToTheLast) {
  Mine().owners = {{"suppliers/joint", "AU", 0.5, false}, {"", "US", 0.25, true}};
  Supplier("suppliers/joint").owners = {{"suppliers/parent", "", 0.5, true}, {"suppliers/s", "", 0.5, true}};
  Supplier("suppliers/parent").country = "CN";
  const UltimateOwners owners = Owners();
  EXPECT_THAT(owners.shares, ElementsAre(Pair(kAustralia, 0.25), Pair(kChina, 0.25), Pair(CountryIndexOf("US"), 0.25)));
  EXPECT_EQ(owners.unknown, 0.25);
}

TEST_F(OwnershipTest, AFacilityWithoutOwnersIsItsSuppliers) {
  Supplier("suppliers/s").owners = {{"", "CN", 0.75, true}};
  EXPECT_THAT(Owners().shares, ElementsAre(Pair(kChina, 0.75)));
  EXPECT_EQ(Owners("anonymous", "suppliers/s").unknown, 0.25);
}

TEST_F(OwnershipTest, LeavesUnknownWhatNobodySays) {
  EXPECT_EQ(Owners().unknown, 1) << "whoever names no owners need not be his own";
  Mine().owners = {{"", "CN", {}, true}};
  EXPECT_EQ(Owners().unknown, 1) << "no share";
  Mine().owners = {{"", "CN", 1, false}, {"suppliers/none", "CN", 1, false}, {"", "ZZ", 1, true}};
  EXPECT_EQ(Owners().unknown, 1) << "not the last, not known, of no country";
}

TEST_F(OwnershipTest, EndsWhereOwnersOwnOneAnother) {
  Supplier("suppliers/s").owners = {{"suppliers/t", "", 0.5, false}, {"", "AU", 0.5, true}};
  Supplier("suppliers/t").owners = {{"suppliers/s", "", 1, false}};
  const UltimateOwners owners = Owners();
  EXPECT_NEAR(owners.shares.at(kAustralia) + owners.unknown, 1, 1e-12);
  EXPECT_GT(owners.shares.at(kAustralia), 0.9);
  for (int i = 0; i < 100; ++i) {
    Supplier("suppliers/t").owners.push_back({"suppliers/t", "", 0.01, false});
  }
  EXPECT_LE(Owners().unknown, 1);
}

TEST_F(OwnershipTest, KnowsOfOwnersWhatTheReaderMayRead) {
  Mine().owners = {{"suppliers/hidden", "", 1, false}};
  Supplier("suppliers/hidden").owners = {{"", "CN", 1, true}};
  Supplier("suppliers/hidden").readers = {false, {"alice"}};
  EXPECT_THAT(Owners().shares, IsEmpty());
  EXPECT_THAT(Owners("alice").shares, ElementsAre(Pair(kChina, 1)));
}

}  // namespace
}  // namespace orewatch::risk
