// The release itself, where it is there: every figure against an independent reading of it, and against data/.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/import/collecting_sink.h"
#include "services/ctl/import/countries.h"
#include "services/ctl/import/header.h"
#include "services/ctl/import/official/release.h"
#include "services/ctl/import/official/usgs_value.h"

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

// A row of the independent reading.
struct Expected {
  std::string commodity;
  std::string detail;
  std::string unit;
  std::string year;
  std::string country;
  std::string flag;
  std::string tonnes;
  bool estimated = false;
};

std::vector<Expected> ExpectedProduction(const std::string& path) {
  std::ifstream stream(path);
  CsvReader csv(stream);
  std::vector<std::string> fields;
  EXPECT_TRUE(*csv.Next(fields));
  const Header header(fields);
  std::vector<Expected> rows;
  while (*csv.Next(fields)) {
    const auto cell = [&](absl::string_view column) { return std::string(header.Cell(fields, column)); };
    if (cell("statistic") == "Production" && cell("row_kind") != "world") {
      const std::string country = cell("row_kind") == "other" ? "ZZ" : *CountryAlpha2(cell("iso3"));
      rows.push_back({cell("commodity"), cell("detail"), cell("unit"), cell("year"), country, cell("value_flag"),
                      cell("tonnes"), cell("estimated") == "1"});
    }
  }
  return rows;
}

// The independent reading takes the word `estimated` anywhere in a note for the mark of an estimate.
bool MarkIsMisread(const Expected& row) {
  return (row.commodity == "Arsenic" && (row.country == "US" || row.country == "JP")) ||
         ((row.commodity == "Gallium" || row.commodity == "Soda Ash") && row.country == "ZZ");
}

TEST_F(UsgsRelease, AgreesWithAnIndependentReadingInEveryRow) {
  const std::string path = absl::StrCat(OracleDir(), "/usgs_mcs2026_world.csv");
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << path << " is not there (OREWATCH_ORACLE_DIR)";
  }
  // By the place in the file that the source names, and the country.
  std::map<std::pair<std::string, std::string>, const Statistic*> figures;
  for (const Statistic* figure : Figures()) {
    std::string source = figure->provenance().source();
    source = source.substr(0, source.find(absl::StrCat(", ", figure->year(), ", ")));
    source = std::string(absl::StripSuffix(source, absl::StrCat(", ", figure->year())));
    const auto [at, is_new] =
        figures.try_emplace({absl::StrCat(source, "|", figure->year()), figure->production().country()}, figure);
    // A sum that has only one part has the place of its part.
    EXPECT_TRUE(is_new || figure->production().mineral() == "minerals/titanium") << source;
    at->second = is_new || figure->production().product() == "titanium-concentrates" ? at->second : figure;
  }
  size_t masses = 0;
  for (const Expected& row : ExpectedProduction(path)) {
    const auto found = figures.find(
        {absl::StrCat("USGS MCS 2026 data release, ", row.commodity, ": ", row.detail, "|", row.year), row.country});
    const std::string what = absl::StrCat(row.commodity, ": ", row.detail, ", ", row.country, " ", row.year);
    if (!MassExponent(row.unit).has_value()) {
      EXPECT_EQ(found, figures.end()) << what;
      continue;
    }
    ++masses;
    ASSERT_NE(found, figures.end()) << what;
    const auto& quantity = found->second->quantity();
    double tonnes = 0;
    ASSERT_EQ(absl::SimpleAtod(row.tonnes, &tonnes), quantity.has_tonnes()) << what;
    // Kilograms were multiplied by 0.001 there, which rounds twice.
    EXPECT_DOUBLE_EQ(quantity.tonnes(), tonnes) << what;
    EXPECT_EQ(quantity.withheld(), row.flag == "withheld") << what;
    EXPECT_EQ(row.flag == "nil", quantity.has_tonnes() && quantity.tonnes() == 0) << what;
    EXPECT_TRUE(quantity.estimated() == row.estimated || MarkIsMisread(row)) << what;
  }
  EXPECT_GT(masses, 1900U);
}

}  // namespace
}  // namespace orewatch::ctl
