#include "services/risk/domain/supply_survivors.h"

#include <algorithm>
#include <random>

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using Marks = std::vector<char>;

// The same by passes over everybody until none changes anything.
class PassingSurvivors {
 public:
  PassingSurvivors(const UsedProducts& products, bool unknown_feeds)
      : products_(products), unknown_feeds_(unknown_feeds) {
    const Marks nobody(products.size(), 0);
    rootless_ = Run(nobody, nobody);
    for (char& mark : rootless_) {
      mark = mark == 0 ? 1 : 0;
    }
  }
  bool LostWith(const std::vector<size_t>& places) const {
    Marks lost(products_.size(), 0);
    for (const size_t place : places) {
      lost[place] = 1;
    }
    Marks anyhow = rootless_;
    for (;;) {
      const Marks running = Run(lost, anyhow);
      const Marks before = anyhow;
      for (size_t place = 0; place < anyhow.size(); ++place) {
        anyhow[place] = anyhow[place] != 0 && IsFed(place, running) ? 1 : 0;
      }
      if (anyhow == before) {
        return running[0] == 0;
      }
    }
  }

 private:
  bool IsFed(size_t place, const Marks& running) const {
    return std::all_of(products_[place].begin(), products_[place].end(), [&](const SourceGroup& group) {
      return (unknown_feeds_ && group.unknown) || std::any_of(group.sources.begin(), group.sources.end(),
                                                              [&](size_t source) { return running[source] != 0; });
    });
  }
  Marks Run(const Marks& lost, const Marks& anyhow) const {
    Marks running(products_.size(), 0);
    for (Marks before; running != before;) {
      before = running;
      for (size_t place = 0; place < running.size(); ++place) {
        running[place] = lost[place] == 0 && (anyhow[place] != 0 || IsFed(place, running)) ? 1 : 0;
      }
    }
    return running;
  }

  const UsedProducts& products_;
  const bool unknown_feeds_;
  Marks rootless_;
};

class RandomProducts {
 public:
  explicit RandomProducts(uint32_t seed) : random_(seed) {}

  UsedProducts Get() {
    const size_t nodes = 2 + Below(30);
    const size_t origins = Below(4);
    const size_t most_sources = 1 + Below(3);
    UsedProducts products(nodes);
    for (size_t place = 0; place + origins < nodes; ++place) {
      products[place].resize(1 + Below(2));
      for (SourceGroup& group : products[place]) {
        group.unknown = Below(6) == 0;
        for (size_t i = 1 + Below(most_sources); i > 0; --i) {
          group.sources.push_back(Below(nodes));
        }
      }
    }
    return products;
  }
  // Some, but the first.
  std::vector<size_t> Lost(size_t nodes) {
    std::vector<size_t> lost = {1 + Below(nodes - 1)};
    for (size_t place = 1; place < nodes; ++place) {
      if (place != lost.front() && Below(nodes * 2) == 0) {
        lost.push_back(place);
      }
    }
    return lost;
  }

 private:
  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }
  std::mt19937 random_;
};

TEST(SurvivorsTest, AreThoseOfPassesOverEverybody) {
  int lost_ones = 0;
  int kept_ones = 0;
  for (uint32_t seed = 1; seed <= 20'000; ++seed) {
    RandomProducts random(seed);
    const UsedProducts products = random.Get();
    for (const bool unknown_feeds : {false, true}) {
      PatientSteps steps(nullptr);
      Survivors survivors(products, unknown_feeds, steps);
      const PassingSurvivors passing(products, unknown_feeds);
      for (int i = 0; i < 8; ++i) {
        const std::vector<size_t> lost = random.Lost(products.size());
        const bool expected = passing.LostWith(lost);
        ASSERT_EQ(survivors.LostWith(lost), expected) << seed << " " << unknown_feeds << " " << i;
        ++(expected ? lost_ones : kept_ones);
      }
    }
  }
  EXPECT_GT(lost_ones, 10'000);
  EXPECT_GT(kept_ones, 10'000);
}

// The first buys another product of each of the rest. Half of those are a chain that ends in one who supplies himself,
// half a chain from a mine.
UsedProducts TwoChains(size_t facilities) {
  UsedProducts products(facilities + 1);
  const size_t half = facilities / 2;
  for (size_t place = 1; place <= facilities; ++place) {
    products[0].push_back({{place}, false});
    if (place < facilities) {
      products[place].push_back({{place == half ? place : place + 1}, false});
    }
  }
  return products;
}

// Nothing but what the first needs of the nearest of each chain.
UsedProducts TwoLongChains(size_t facilities) {
  UsedProducts products = TwoChains(facilities);
  products[0] = {{{1, facilities / 2 + 1}, false}};
  return products;
}

TEST(SurvivorsTest, CostNoMoreThanALossReaches) {
  constexpr size_t kFacilities = 3'000;
  for (const UsedProducts& products : {TwoChains(kFacilities), TwoLongChains(kFacilities)}) {
    PatientSteps steps(nullptr);
    Survivors survivors(products, false, steps);
    for (size_t place = 1; place <= kFacilities; ++place) {
      const size_t before = steps.taken();
      EXPECT_EQ(survivors.LostWith({place}), products[0].size() > 1);
      EXPECT_LE(steps.taken() - before, 4 * kFacilities);
    }
  }
}

TEST(SurvivorsTest, GiveUpWithinTheLossOfOneWhenNobodyWaits) {
  constexpr size_t kFacilities = 3'000;
  const UsedProducts products = TwoLongChains(kFacilities);
  for (const size_t end : {kFacilities / 2, kFacilities}) {
    bool waits = true;
    PatientSteps steps([&] { return waits; });
    Survivors survivors(products, false, steps);
    waits = false;
    const size_t before = steps.taken();
    EXPECT_EQ(survivors.LostWith({end}), std::nullopt);
    EXPECT_LE(steps.taken() - before, PatientSteps::kAtOnce);
    EXPECT_EQ(survivors.LostWith({1}), std::nullopt);
  }
}

TEST(SurvivorsTest, GiveUpWhileTheyAreFound) {
  const UsedProducts products = TwoChains(3'000);
  PatientSteps steps([] { return false; });
  Survivors survivors(products, false, steps);
  EXPECT_LE(steps.taken(), PatientSteps::kAtOnce);
  EXPECT_EQ(survivors.LostWith({1}), std::nullopt);
}

}  // namespace
}  // namespace orewatch::risk
