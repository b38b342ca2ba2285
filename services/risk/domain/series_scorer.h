// The scores of one mineral at one stage that need no importer.
#pragma once

#include <vector>

#include "services/risk/domain/hhi.h"
#include "services/risk/domain/series_view.h"

namespace orewatch::risk {

// Lives for one computation. A score without data is unset and says why.
class SeriesScorer {
 public:
  explicit SeriesScorer(const SeriesView& view);

  // What is kept current: HHI, governance-weighted HHI and Yale supply risk of output, where there are rows; and what
  // needs an importer for each configured one of which trade is known.
  std::vector<Score> Compute() const;

  Score Concentration(const HhiParameters& parameters) const;
  // On 0 to 1, over n suppliers; 0: over the countries that are named and produce.
  Score NormalizedConcentration(int n, const HhiParameters& parameters) const;
  Score GovernanceConcentration() const;
  // Shares of the exports that are known in the latest year, trade within blocs included. Reason EXPORTS_PARTIAL, and
  // no bounds, unless the dataset is declared to hold the trade of the whole world.
  Score GovernanceOfExports() const;

 private:
  std::vector<Score> ScoresOf(const std::string& importer) const;
  Score Begin(Method method) const;
  Score BeginIndex(Method method, const HhiParameters& parameters) const;
  // `shares`: those that count.
  void AddProductionInputs(const Shares& shares, const WeightOf& weight_of, Score& score) const;

  const SeriesView& view_;
  const int year_;
  Shares shares_;
};

}  // namespace orewatch::risk
