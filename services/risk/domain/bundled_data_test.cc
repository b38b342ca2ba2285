// The bundled dataset gives the published concentration of 2024.
#include <algorithm>
#include <fstream>
#include <map>

#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

// Published shares are rounded.
constexpr double kTolerance = 5;

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

StageNumber StageOf(const std::string& name) {
  const std::map<std::string, StageNumber> kStages = {{"mine", 1}, {"smelt", 2}, {"refine", 3}, {"process", 4}};
  return kStages.at(name);
}

BasisNumber BasisOf(const std::string& name) {
  const std::map<std::string, BasisNumber> kBases = {{"GROSS", 1}, {"CONTAINED", 2}, {"OXIDE_EQUIVALENT", 3}};
  return kBases.at(name);
}

Changes BundledProduction() {
  std::ifstream file("data/production.csv");
  EXPECT_TRUE(file.good()) << "run in the root of the repository";
  std::string line;
  std::getline(file, line);
  std::map<std::string, size_t> at;
  const std::vector<std::string> header = Cells(line);
  for (size_t i = 0; i < header.size(); ++i) {
    at[header[i]] = i;
  }
  Changes changes;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = Cells(line);
    const auto cell = [&](const char* name) { return cells.at(at.at(name)); };
    Figure figure;
    if (!cell("quantity_tonnes").empty()) {
      figure.amount = std::stod(cell("quantity_tonnes"));
    } else if (!cell("share").empty()) {
      figure.amount = std::stod(cell("share"));
      figure.measure = Measure::kShares;
    }
    figure.withheld = cell("withheld") == "true";
    changes.production[{{"minerals/" + cell("mineral"), StageOf(cell("stage"))},
                        {cell("dataset"), cell("product"), BasisOf(cell("basis")), cell("scope"),
                         std::stoi(cell("year")), cell("country")}}] = figure;
  }
  return changes;
}

struct Published {
  const char* mineral;
  StageNumber stage;
  double hhi;
};

class BundledDataTest : public ::testing::TestWithParam<Published> {};

TEST_P(BundledDataTest, GivesThePublishedConcentration) {
  static const auto kModel = Model(Parameters()).Apply(BundledProduction(), 1);
  const Published& published = GetParam();
  const auto score = kModel->Find({std::string("minerals/") + published.mineral, published.stage, "", Method::kHhi});
  ASSERT_TRUE(score->estimate.value.has_value());
  EXPECT_NEAR(*score->estimate.value, published.hhi, kTolerance);
  EXPECT_EQ(score->reference_year, 2024);
  if (std::string(published.mineral) == "lithium") {
    EXPECT_THAT(score->estimate.reasons, ::testing::Contains("WITHHELD:US"));
    EXPECT_FALSE(score->estimate.upper.has_value());
  }
}

// Recomputed from USGS Mineral Commodity Summaries 2026, world production 2024, others in the denominator.
INSTANTIATE_TEST_SUITE_P(Usgs2024, BundledDataTest,
                         ::testing::Values(Published{"cobalt", 1, 5766}, Published{"lithium", 1, 2346},
                                           Published{"graphite", 1, 6765}, Published{"tungsten", 1, 6777},
                                           Published{"copper", 1, 1062}, Published{"nickel", 1, 4048},
                                           Published{"rare-earths", 1, 5192}, Published{"copper", 3, 2240},
                                           Published{"gallium", 4, 9789}),
                         [](const auto& test) {
                           std::string name = test.param.mineral;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name + std::to_string(test.param.stage);
                         });

}  // namespace
}  // namespace orewatch::risk
