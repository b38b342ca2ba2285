#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/risk/measures.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/rounds.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::bench {
namespace {

std::string GovernanceOfChina(int number) {
  const std::string estimate = absl::StrCat(": ", -1.0 - number / 1000.0, " ");
  return absl::StrCat("statistic { dataset: 'bench' year: 2025 governance { country: 'CN' political_stability",
                      estimate, "voice_accountability", estimate, "government_effectiveness", estimate,
                      "regulatory_quality", estimate, "rule_of_law", estimate, "control_of_corruption", estimate,
                      "} provenance { source: 'a benchmark' } }");
}

// Milliseconds from before the change until risk answers at its revision, sorted.
std::vector<double> TimesOf(testing::EmbeddedSuite& suite, int changes,
                            const std::function<std::string(int number)>& entry, const risk::v1::ScoreKey& key) {
  std::vector<double> times;
  for (int i = 0; i < changes; ++i) {
    const absl::Time start = absl::Now();
    risk::v1::GetScoreRequest request;
    *request.mutable_key() = key;
    request.set_min_revision(testing::ImportAll(suite.registry, {entry(i)}));
    const auto score = testing::Call(suite.risk, &testing::RiskStub::GetScore, request);
    if (!score.ok()) {
      Die(score.status().ToString());
    }
    times.push_back(SecondsSince(start) * 1e3);
    if (score->changed_revision().number() != request.min_revision()) {
      Die("a change changed no score");
    }
  }
  std::sort(times.begin(), times.end());
  return times;
}

void Add(const std::string& name, const std::vector<double>& times, std::vector<Figure>& figures) {
  figures.push_back({absl::StrCat(name, ", p50"), "ms", times[times.size() / 2]});
  figures.push_back({absl::StrCat(name, ", p99"), "ms", times[times.size() * 99 / 100]});
}

}  // namespace

std::vector<Figure> MeasureScoreChanges(const Effort& effort) {
  testing::EmbeddedSuite suite;
  suite.ImportBundledData();
  testing::ImportAll(suite.registry,
                     {testing::MineralEntry("benchmarkium"), testing::ProductionEntry("benchmarkium", "AU", 1000)});
  const int changes = effort.quick ? 5 : 200;
  std::vector<Figure> figures;
  const auto output = [](int number) { return testing::ProductionEntry("benchmarkium", "CD", 200'000 + number); };
  Add("a figure of output to its score", TimesOf(suite, changes, output, testing::MineHhi("benchmarkium")), figures);
  risk::v1::ScoreKey governed = testing::MineHhi("rare-earths");
  governed.set_method(risk::v1::METHOD_HHI_GOVERNANCE);
  Add("governance of China to the scores it reaches", TimesOf(suite, changes, GovernanceOfChina, governed), figures);
  return figures;
}

}  // namespace orewatch::bench
