// The release itself, where it is there, against data/. tests/oracle compares it with an independent reading.
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/import/collecting_sink.h"
#include "services/ctl/import/official/release.h"

namespace orewatch::ctl {
namespace {

using registry::v1::Statistic;
using ::testing::IsEmpty;

std::string ReleasePath() { return absl::StrCat(OracleDir(), "/raw/MCS2026_Commodities_Data.csv"); }

bool IsUsgsProduction(const Statistic& statistic) {
  return statistic.has_production() && statistic.dataset() == "usgs-mcs-2026";
}

// What makes two figures the same figure.
std::string KeyOf(const Statistic& statistic) {
  const auto& production = statistic.production();
  return absl::StrCat(production.mineral(), "|", production.stage(), "|", production.country(), "|", statistic.year(),
                      "|", statistic.quantity().basis(), "|", statistic.quantity().scope(), "|", production.product());
}

class UsgsRelease : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(ReleasePath())) {
      GTEST_SKIP() << "the data release of the USGS is not in " << OracleDir() << " (OREWATCH_ORACLE_DIR)";
    }
    static const auto* const release = new CollectingSink(LoadFile(ReleasePath()));
    release_ = release;
  }

  std::vector<const Statistic*> Figures() const {
    std::vector<const Statistic*> figures;
    for (const auto& row : release_->rows) {
      if (row.entry().has_statistic()) {
        figures.push_back(&row.entry().statistic());
      }
    }
    return figures;
  }

  const CollectingSink* release_ = nullptr;
};

TEST_F(UsgsRelease, IsReadWhole) {
  EXPECT_THAT(CollectingSink::TextOf(release_->rejected), IsEmpty());
  std::set<std::string> commodities;
  std::set<std::string> keys;
  for (const Statistic* figure : Figures()) {
    EXPECT_EQ(figure->dataset(), "usgs-mcs-2026");
    EXPECT_TRUE(figure->year() == 2024 || figure->year() == 2025);
    EXPECT_TRUE(keys.insert(KeyOf(*figure)).second) << KeyOf(*figure);
    const std::vector<std::string> parts =
        absl::StrSplit(absl::StripPrefix(figure->provenance().source(), "USGS MCS 2026 data release, "), ": ");
    commodities.insert(parts.front());
  }
  EXPECT_EQ(commodities.size(), 76U);
  // Rows of the file are figures, left out, or, for titanium, two figures of one sum.
  EXPECT_GT(release_->left_out.size(), 6000U);
}

TEST_F(UsgsRelease, GivesWhatTheBundledFileGives) {
  std::map<std::string, const Statistic*> figures;
  for (const Statistic* figure : Figures()) {
    figures[KeyOf(*figure)] = figure;
  }
  const CollectingSink bundled = LoadFile("data/production.csv");
  size_t compared = 0;
  for (const auto& row : bundled.rows) {
    const Statistic& statistic = row.entry().statistic();
    if (!IsUsgsProduction(statistic)) {
      continue;
    }
    ++compared;
    const auto found = figures.find(KeyOf(statistic));
    ASSERT_NE(found, figures.end()) << KeyOf(statistic);
    EXPECT_EQ(found->second->ShortDebugString(), statistic.ShortDebugString());
  }
  EXPECT_GT(compared, 500U);
}

}  // namespace
}  // namespace orewatch::ctl
