// The World Bank's bulk file itself, where it is there, against data/. tests/oracle compares it with an independent
// reading.
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/import/collecting_sink.h"
#include "services/ctl/import/official/release.h"

namespace orewatch::ctl {
namespace {

using registry::v1::Statistic;
using ::testing::IsEmpty;

std::string ReleasePath() { return absl::StrCat(OracleDir(), "/raw/wgidataset.csv"); }

using ByCountryAndYear = std::map<std::pair<std::string, int32_t>, Statistic>;

ByCountryAndYear GovernanceOf(const CollectingSink& sink) {
  ByCountryAndYear found;
  for (const auto& row : sink.rows) {
    const Statistic& statistic = row.entry().statistic();
    if (statistic.has_governance()) {
      found[{statistic.governance().country(), statistic.year()}] = statistic;
    }
  }
  return found;
}

class WgiRelease : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(ReleasePath())) {
      GTEST_SKIP() << "the bulk file of the World Bank is not in " << OracleDir() << " (OREWATCH_ORACLE_DIR)";
    }
    static const auto* const release = new CollectingSink(LoadFile(ReleasePath()));
    release_ = release;
  }

  const CollectingSink* release_ = nullptr;
};

TEST_F(WgiRelease, GivesWhatTheBundledFileGives) {
  EXPECT_THAT(CollectingSink::TextOf(release_->rejected), IsEmpty());
  const ByCountryAndYear release = GovernanceOf(*release_);
  const ByCountryAndYear bundled = GovernanceOf(LoadFile("data/governance.csv"));
  EXPECT_GT(bundled.size(), 200U);
  for (const auto& [key, statistic] : bundled) {
    ASSERT_EQ(release.count(key), 1U) << key.first;
    EXPECT_EQ(release.at(key).ShortDebugString(), statistic.ShortDebugString());
  }
}

}  // namespace
}  // namespace orewatch::ctl
