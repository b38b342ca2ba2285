// The World Bank's bulk file itself, where it is there: every estimate against an independent reading, and against
// data/.
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/import/collecting_sink.h"
#include "services/ctl/import/countries.h"
#include "services/ctl/import/header.h"
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
  const ByCountryAndYear release = GovernanceOf(*release_);
  const ByCountryAndYear bundled = GovernanceOf(LoadFile("data/governance.csv"));
  EXPECT_GT(bundled.size(), 200U);
  for (const auto& [key, statistic] : bundled) {
    ASSERT_EQ(release.count(key), 1U) << key.first;
    EXPECT_EQ(release.at(key).ShortDebugString(), statistic.ShortDebugString());
  }
}

TEST_F(WgiRelease, AgreesWithAnIndependentReadingInEveryRow) {
  std::ifstream stream(absl::StrCat(OracleDir(), "/wgi_country_year_scaled.csv"));
  if (!stream) {
    GTEST_SKIP() << "wgi_country_year_scaled.csv is not in " << OracleDir() << " (OREWATCH_ORACLE_DIR)";
  }
  EXPECT_THAT(CollectingSink::TextOf(release_->rejected), IsEmpty());
  const ByCountryAndYear release = GovernanceOf(*release_);
  CsvReader csv(stream);
  std::vector<std::string> fields;
  ASSERT_TRUE(*csv.Next(fields));
  const Header header(fields);
  size_t compared = 0;
  while (*csv.Next(fields)) {
    const auto country = CountryAlpha2(header.Cell(fields, "iso3"));
    int32_t year = 0;
    ASSERT_TRUE(absl::SimpleAtoi(header.Cell(fields, "year"), &year));
    if (!country.ok()) {
      continue;  // The Netherlands Antilles.
    }
    ++compared;
    ASSERT_EQ(release.count({*country, year}), 1U) << *country << year;
    const auto& governance = release.at({*country, year}).governance();
    const auto expect = [&](absl::string_view column, bool given, double estimate) {
      double expected = 0;
      ASSERT_EQ(absl::SimpleAtod(header.Cell(fields, column), &expected), given) << *country << year << column;
      EXPECT_EQ(estimate, expected) << *country << year << column;
    };
    expect("va", governance.has_voice_accountability(), governance.voice_accountability());
    expect("pv", governance.has_political_stability(), governance.political_stability());
    expect("ge", governance.has_government_effectiveness(), governance.government_effectiveness());
    expect("rq", governance.has_regulatory_quality(), governance.regulatory_quality());
    expect("rl", governance.has_rule_of_law(), governance.rule_of_law());
    expect("cc", governance.has_control_of_corruption(), governance.control_of_corruption());
  }
  EXPECT_EQ(compared, release.size());
}

}  // namespace
}  // namespace orewatch::ctl
