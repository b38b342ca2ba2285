// The indices of concentration as the model computes them on request: their scale, and what their parameters do.
#include "services/risk/domain/hhi.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kMineral[] = "minerals/x";
constexpr StageNumber kMine = 1;
constexpr double kRounding = 1e-12;

class HhiTest : public ::testing::Test {
 protected:
  void Produce(const std::string& country, std::optional<double> tonnes) {
    Figure figure;
    figure.amount = tonnes;
    changes_.production[{{kMineral, kMine}, {"d", "", 2, "", 2024, country}}] = figure;
  }
  std::shared_ptr<const Score> Of(Method method, int n = 0, const Variant& variant = {}) const {
    return Model(Parameters()).Apply(changes_, 1)->Find({kMineral, kMine, "", method, n}, variant);
  }
  static Variant NamedOnly() {
    Variant variant;
    variant.hhi = HhiParameters{"named", "3", OtherCountries::kLeftOut};
    return variant;
  }

  Changes changes_;
};

TEST_F(HhiTest, NormalizedOverFewerThanProduceIsUnset) {
  for (const char* country : {"AU", "CD", "CN", "ID"}) {
    Produce(country, 25);
  }
  const auto score = Of(Method::kHhiNormalized, 3);
  EXPECT_FALSE(score->estimate.value.has_value());
  EXPECT_THAT(score->estimate.reasons, ElementsAre("MORE_SUPPLIERS_THAN_N"));
  EXPECT_NEAR(*Of(Method::kHhiNormalized, 4)->estimate.value, 0, kRounding);
}

TEST_F(HhiTest, CountriesWithoutOutputAreNoSuppliers) {
  Produce("CD", 75);
  Produce("CN", 25);
  Produce("FR", 0);
  Produce("JP", 0);
  EXPECT_NEAR(*Of(Method::kHhiNormalized)->estimate.value, (.625 - .5) / .5, kRounding);
  EXPECT_NEAR(*Of(Method::kHhiNormalized, 2)->estimate.value, (.625 - .5) / .5, kRounding);
}

// Infinitely split they are more suppliers than any n.
TEST_F(HhiTest, OtherCountriesDoNotTakeTheNormalizedIndexBelowItsScale) {
  Produce("CD", 10);
  Produce("CN", 10);
  Produce("ZZ", 80);
  EXPECT_THAT(Of(Method::kHhiNormalized)->estimate.reasons, ElementsAre("MORE_SUPPLIERS_THAN_N"));
  EXPECT_FALSE(Of(Method::kHhiNormalized)->estimate.value.has_value());
  EXPECT_NEAR(*Of(Method::kHhiNormalized, 100)->estimate.value, (.02 - .01) / .99, kRounding);
  EXPECT_NEAR(*Of(Method::kHhiNormalized, 0, NamedOnly())->estimate.value, 0, kRounding);
}

TEST_F(HhiTest, NormalizedNeverLeavesItsScale) {
  std::mt19937 random(7);
  int valued = 0;
  for (int run = 0; run < 500; ++run) {
    changes_ = {};
    const int producers = 1 + static_cast<int>(random() % 12);
    for (int i = 0; i < producers; ++i) {
      Produce(absl::StrCat("A", std::string(1, static_cast<char>('A' + i))),
              random() % 7 == 0 ? std::nullopt : std::optional<double>(random() % 100));
    }
    if (random() % 2 == 0) {
      Produce("ZZ", random() % 300);
    }
    const Estimate estimate =
        Of(Method::kHhiNormalized, static_cast<int>(random() % 15), run % 2 == 0 ? Variant() : NamedOnly())->estimate;
    if (estimate.value.has_value()) {
      ++valued;
      EXPECT_GE(estimate.lower, 0);
      EXPECT_LE(estimate.lower, *estimate.value + kRounding);
      EXPECT_LE(*estimate.value, estimate.upper.value_or(1) + kRounding);
      EXPECT_LE(estimate.upper.value_or(1), 1 + kRounding);
    }
  }
  EXPECT_GT(valued, 100);
}

TEST_F(HhiTest, LeavesOtherCountriesOutIfAsked) {
  Produce("CD", 30);
  Produce("CN", 10);
  Produce("ZZ", 60);
  const auto score = Of(Method::kHhi, 0, NamedOnly());
  EXPECT_NEAR(*score->estimate.value, 10'000 * .625, 1e-9);
  // Of what any split of them gives, and of what leaving them out does.
  EXPECT_NEAR(score->estimate.lower, 10'000 * .1, 1e-9);
  EXPECT_NEAR(*score->estimate.upper, 10'000 * .625, 1e-9);
  EXPECT_THAT(score->notes, Contains("OTHERS_LEFT_OUT"));
  EXPECT_EQ(score->parameters.name, "named");
  EXPECT_EQ(score->parameters.edition, "3");
  EXPECT_NEAR(*score->top_share, .75, kRounding);
  double sum = 0;
  for (const Input& input : score->inputs) {
    sum += input.contribution.value_or(0);
  }
  EXPECT_NEAR(sum, *score->estimate.value, 1e-9);
  for (const Component& component : score->components) {
    EXPECT_LE(component.estimate.lower, *component.estimate.value + kRounding) << component.name;
    EXPECT_GE(*component.estimate.upper, *component.estimate.value - kRounding) << component.name;
  }
}

TEST_F(HhiTest, SaysHowOtherCountriesCount) {
  Produce("CD", 30);
  Produce("ZZ", 10);
  for (const Method method : {Method::kHhi, Method::kHhiNormalized}) {
    const auto score = Of(method);
    EXPECT_EQ(score->parameters.name, HhiParameters().name);
    ASSERT_EQ(score->parameters.parameters.size(), 1U);
    EXPECT_EQ(score->parameters.parameters[0].text, "infinitely split");
    EXPECT_THAT(score->notes, Not(Contains("OTHERS_LEFT_OUT")));
  }
}

TEST_F(HhiTest, WithoutOutputThereIsNoIndexAtAll) {
  Produce("CD", 0);
  EXPECT_THAT(Of(Method::kHhiNormalized, 5)->estimate.reasons, ElementsAre("NO_SHARES"));
  EXPECT_THAT(Of(Method::kHhi, 0, NamedOnly())->estimate.reasons, ElementsAre("NO_SHARES"));
  EXPECT_THAT(Of(Method::kHhi)->components, Not(IsEmpty()));
}

}  // namespace
}  // namespace orewatch::risk
