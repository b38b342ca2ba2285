// The published and peer-computed figures of the reference data, where it is there.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

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
    Changes changes;
    for (const Part& part : producers[row.at("material")]) {
      Figure figure;
      // As tonnes, so that the listed producers are the whole.
      figure.amount = part.amount;
      changes.production[{{"minerals/x", 1}, {"eu", "", 2, "", 2020, part.country}}] = figure;
    }
    const int slots = std::atoi(row.at("n_slots").c_str());
    const auto score =
        Model(Parameters()).Apply(changes, 1)->Find({"minerals/x", 1, "", Method::kHhiNormalized, slots});
    ASSERT_TRUE(score->estimate.value.has_value());
    EXPECT_NEAR(*score->estimate.value, Number(row.at("hhi_normalized_published")), kTolerance);
    ++checked;
  }
  EXPECT_EQ(checked, 30);
}

// Each material of the peer as a mineral of its own, through everything but the transport.
class GovernanceOracleTest : public OracleTest {
 protected:
  void SetUp() override {
    OracleTest::SetUp();
    for (const Row& row : ReadOracle("oracle_atlas_wgi_mean6.csv")) {
      const double mean = Number(row.at("wgi_mean6"));
      changes_.governance[{row.at("iso2"), 2023, "wgi"}] = GovernanceFact{{mean, mean, mean, mean, mean, mean}, {}};
    }
  }
  static Figure Of(double amount, Measure measure) {
    Figure figure;
    figure.amount = amount;
    figure.measure = measure;
    return figure;
  }
  // Checks a column of the peer's table; returns the materials that differ.
  std::vector<std::string> Differing(Method method, const std::string& column) {
    Parameters parameters;
    // What the peer takes where the World Bank has nothing.
    parameters.imputed_governance = 0.6;
    const auto model = Model(parameters).Apply(changes_, 1);
    std::vector<std::string> differing;
    int checked = 0;
    for (const Row& row : ReadOracle("oracle_atlas_eu_style_sr_2024.csv")) {
      const auto score = model->Find({"minerals/" + row.at("label"), 1, "", method});
      if (score->inputs.empty() || row.at(column).empty()) {
        continue;
      }
      ++checked;
      if (!score->estimate.value.has_value() ||
          std::abs(*score->estimate.value / kFullConcentration - Number(row.at(column))) > kTolerance) {
        differing.push_back(row.at("label"));
      }
    }
    EXPECT_GE(checked, 16);
    return differing;
  }
  Changes changes_;
};

// Every row is reached. Lithium's shares add up to 1.02, which its score says; nothing is renormalised, as in the peer.
TEST_F(GovernanceOracleTest, WeightedHerfindahlOfMining) {
  for (const Row& row : ReadOracle("atlas_mine_refine_reserve_shares.csv")) {
    if (row.at("layer") == "mined") {
      changes_.production[{{"minerals/" + row.at("label"), 1}, {"atlas", "", 2, "", 2024, row.at("iso2")}}] =
          Of(Number(row.at("share_pct")) / 100, Measure::kShares);
    }
  }
  EXPECT_THAT(Differing(Method::kHhiGovernance, "hhi_wgi_mine_recomputed"), ::testing::IsEmpty());
}

TEST_F(GovernanceOracleTest, WeightedHerfindahlOfExports) {
  for (const Row& row : ReadOracle("oracle_atlas_export_shares_2024.csv")) {
    changes_.trade[{{"minerals/" + row.at("label"), 1},
                    {"baci", "", "260500", 1, "", 2024, "ZZ", row.at("exporter_iso2")}}] =
        Of(Number(row.at("share")), Measure::kTonnes);
  }
  EXPECT_THAT(Differing(Method::kHhiGovernanceExports, "hhi_wgi_trade_recomputed"), ::testing::IsEmpty());
}

}  // namespace
}  // namespace orewatch::risk
