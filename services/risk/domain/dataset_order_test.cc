#include "services/risk/domain/dataset_order.h"

#include "gtest/gtest.h"

namespace orewatch::risk {
namespace {

const DatasetOrder kOrder = {"mine-2020", "usgs-mcs-*", "iea-2024"};

TEST(DatasetOrderTest, PutsTheNewestEditionOfAFamilyFirst) {
  EXPECT_TRUE(IsPreferred(kOrder, "usgs-mcs-2027", "usgs-mcs-2026"));
  EXPECT_FALSE(IsPreferred(kOrder, "usgs-mcs-2026", "usgs-mcs-2027"));
}

TEST(DatasetOrderTest, PutsAnEntryBeforeLaterOnesWhateverItsEdition) {
  EXPECT_TRUE(IsPreferred(kOrder, "mine-2020", "usgs-mcs-2027"));
  EXPECT_TRUE(IsPreferred(kOrder, "usgs-mcs-2001", "iea-2024"));
}

TEST(DatasetOrderTest, PutsWhatNoEntryNamesLastAndByName) {
  EXPECT_TRUE(IsPreferred(kOrder, "iea-2024", "a"));
  EXPECT_TRUE(IsPreferred(kOrder, "a", "b"));
  EXPECT_FALSE(IsPreferred(kOrder, "iea-2025", "iea-2024"));
}

TEST(DatasetOrderTest, IsStrict) {
  for (const char* dataset : {"usgs-mcs-2026", "iea-2024", "a"}) {
    EXPECT_FALSE(IsPreferred(kOrder, dataset, dataset)) << dataset;
  }
}

TEST(DatasetOrderTest, NamesAnEditionOrAFamily) {
  EXPECT_TRUE(NamesDataset(kOrder, "usgs-mcs-2030"));
  EXPECT_TRUE(NamesDataset(kOrder, "iea-2024"));
  EXPECT_FALSE(NamesDataset(kOrder, "iea-2025"));
  EXPECT_FALSE(NamesDataset(kOrder, "usgs-mcs"));
}

}  // namespace
}  // namespace orewatch::risk
