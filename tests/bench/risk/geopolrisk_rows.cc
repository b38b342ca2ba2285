#include <cmath>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/risk/domain/geopolrisk.h"
#include "tests/bench/risk/measures.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/rounds.h"

namespace orewatch::bench {
namespace {

using risk::Estimate;
using risk::GeoPolRiskInputs;

constexpr int kMinerals = 60;
constexpr int kImporters = 220;
constexpr int kProducers = 15;
constexpr int kPartners = 20;

// All minerals and importers of one year, as large as those of the world.
class Rows {
 public:
  Rows() {
    for (int mineral = 0; mineral < kMinerals; ++mineral) {
      std::vector<risk::Part> output;
      output.reserve(kProducers);
      for (int i = 0; i < kProducers; ++i) {
        output.push_back({absl::StrCat("P", i), Any() * 1000});
      }
      shares_.push_back(risk::SharesOf(risk::Measure::kTonnes, output));
      for (int i = 0; i < kImporters; ++i) {
        rows_.push_back(Row());
      }
    }
  }

  // Concentration once a mineral, the rest once a row; the sum of all scores.
  double ScoreAll() const {
    double sum = 0;
    for (int mineral = 0; mineral < kMinerals; ++mineral) {
      const Estimate hhi = risk::ConcentrationOf(shares_[static_cast<size_t>(mineral)], parameters_.other_countries);
      for (int i = 0; i < kImporters; ++i) {
        const GeoPolRiskInputs& row = rows_[static_cast<size_t>(mineral) * kImporters + static_cast<size_t>(i)];
        sum += *risk::Combine(hhi, risk::ImportRisk(row), 1, parameters_.copper_midpoint).factor.value;
      }
    }
    return sum;
  }

 private:
  double Any() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  GeoPolRiskInputs Row() {
    GeoPolRiskInputs row;
    for (int i = 0; i < kPartners; ++i) {
      const double risk = Any();
      row.imports.push_back({absl::StrCat("C", i), Any() * 1000, Any() * 1e6, {risk, risk, risk, false}});
    }
    row.own_output = {Any() * 100, Any() * 100 + 100};
    return row;
  }

  std::mt19937 random_{7};
  const risk::GeoPolRiskParameters parameters_;
  std::vector<risk::Shares> shares_;
  std::vector<GeoPolRiskInputs> rows_;
};

}  // namespace

std::vector<Figure> MeasureGeoPolRiskRows(const Effort& effort) {
  const Rows rows;
  const int passes = effort.quick ? 1 : 50;
  std::vector<double> microseconds;
  for (int round = 0; round < effort.rounds; ++round) {
    const absl::Time start = absl::Now();
    double sum = 0;
    for (int pass = 0; pass < passes; ++pass) {
      sum += rows.ScoreAll();
    }
    if (!std::isfinite(sum)) {
      Die("a score is no number");
    }
    microseconds.push_back(SecondsSince(start) * 1e6 / passes / kMinerals / kImporters);
  }
  constexpr double kTarget = 0.3;
  return {{absl::StrCat("GeoPolRisk, a row of ", kPartners, " partners"), "us", MedianOf(microseconds),
           "the target (the peer takes 5,000)", kTarget, std::nullopt, 1.0}};
}

}  // namespace orewatch::bench
