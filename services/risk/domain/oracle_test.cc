// The published and peer-computed figures of the reference data, where it is there.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "gmock/gmock.h"
#include "services/risk/domain/concentration.h"

namespace orewatch::risk {
namespace {

constexpr double kTolerance = 1e-6;

std::string OracleDir() {
  const char* dir = std::getenv("OREWATCH_ORACLE_DIR");
  return dir != nullptr ? dir : "../shared/data";
}

using Row = std::map<std::string, std::string>;

// The oracles quote cells that hold a comma, and nothing else.
std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

std::vector<Row> ReadOracle(const std::string& name) {
  std::ifstream file(OracleDir() + "/" + name);
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = Cells(line);
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = Cells(line);
    Row& row = rows.emplace_back();
    for (size_t i = 0; i < header.size() && i < cells.size(); ++i) {
      row[header[i]] = cells[i];
    }
  }
  return rows;
}

double Number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

class OracleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(OracleDir())) {
      GTEST_SKIP() << "skipped: no reference data in " << OracleDir() << " (OREWATCH_ORACLE_DIR)";
    }
  }
};

// Ten slots for each material, shares renormalised over the listed producers, as the publication does.
TEST_F(OracleTest, NormalizedHerfindahlOfThirtyEuMaterials) {
  std::map<std::string, std::vector<Part>> producers;
  for (const Row& row : ReadOracle("eu_crm2020_global_producer_shares.csv")) {
    producers[row.at("material")].push_back({row.at("country"), Number(row.at("share_pct"))});
  }
  int checked = 0;
  for (const Row& row : ReadOracle("oracle_dw_hhi_normalized_2020.csv")) {
    SCOPED_TRACE(row.at("material"));
    // As tonnes, so that the listed producers are the whole.
    const Estimate hhi = Herfindahl(SharesOf(Measure::kTonnes, producers[row.at("material")]));
    ASSERT_TRUE(hhi.value.has_value());
    const int slots = std::atoi(row.at("n_slots").c_str());
    EXPECT_NEAR(NormalizedHerfindahl(*hhi.value / kFullConcentration, slots),
                Number(row.at("hhi_normalized_published")), kTolerance);
    ++checked;
  }
  EXPECT_EQ(checked, 30);
}

class GovernanceOracleTest : public OracleTest {
 protected:
  // The peer takes 0.6 where the World Bank has nothing.
  GovernanceOracleTest() : scale_(1, 0.6) {}
  void SetUp() override {
    OracleTest::SetUp();
    for (const Row& row : ReadOracle("oracle_atlas_wgi_mean6.csv")) {
      scale_.Set(row.at("iso2"), Number(row.at("g_0_1")));
    }
  }
  // Checks a column of the peer's table; returns the materials that differ.
  std::vector<std::string> Differing(const std::map<std::string, std::vector<Part>>& shares,
                                     const std::string& column) {
    std::vector<std::string> differing;
    int checked = 0;
    for (const Row& row : ReadOracle("oracle_atlas_eu_style_sr_2024.csv")) {
      const auto found = shares.find(row.at("label"));
      if (found == shares.end() || row.at(column).empty()) {
        continue;
      }
      ++checked;
      const Estimate weighted =
          WeightedHerfindahl(SharesOf(Measure::kShares, found->second), GovernanceWeight(scale_), 1);
      if (!weighted.value.has_value() || std::abs(*weighted.value - Number(row.at(column))) > kTolerance) {
        differing.push_back(row.at("label"));
      }
    }
    EXPECT_GE(checked, 16);
    return differing;
  }
  GovernanceScale scale_;
};

TEST_F(GovernanceOracleTest, WeightedHerfindahlOfMining) {
  std::map<std::string, std::vector<Part>> mined;
  for (const Row& row : ReadOracle("atlas_mine_refine_reserve_shares.csv")) {
    if (row.at("layer") == "mined") {
      mined[row.at("label")].push_back({row.at("iso2"), Number(row.at("share_pct")) / 100});
    }
  }
  EXPECT_THAT(Differing(mined, "hhi_wgi_mine_recomputed"), ::testing::IsEmpty());
}

TEST_F(GovernanceOracleTest, WeightedHerfindahlOfExports) {
  std::map<std::string, std::vector<Part>> exported;
  for (const Row& row : ReadOracle("oracle_atlas_export_shares_2024.csv")) {
    exported[row.at("label")].push_back({row.at("exporter_iso2"), Number(row.at("share"))});
  }
  EXPECT_THAT(Differing(exported, "hhi_wgi_trade_recomputed"), ::testing::IsEmpty());
}

}  // namespace
}  // namespace orewatch::risk
