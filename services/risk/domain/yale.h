// Supply risk axis of the Yale criticality methodology (Graedel et al. 2012, Environ. Sci. Technol. 46:1063-1070),
// medium term: the mean of three parts, each the mean of two indicators on 0 to 100.
//
//   geological, technological, economic: depletion time, companion fraction
//   social, regulatory:                  policy potential, human development
//   geopolitical:                        political stability, global supply concentration
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "services/risk/domain/concentration.h"

namespace orewatch::risk {

struct YaleParameters {
  std::string name = "yale-2015";
  std::string edition = "1";
  // Depletion: 100 - linear * years - quadratic * years^2.
  double depletion_linear = 0.2;
  double depletion_quadratic = 0.00996;
  // Concentration: slope * ln(HHI on 0 to 10000) - intercept.
  double concentration_slope = 17.5;
  double concentration_intercept = 61.18;
  bool operator==(const YaleParameters&) const = default;
};

// Each on 0 to 100; without a value where it is missing.
struct YaleIndicators {
  Estimate depletion;
  Estimate companion;
  Estimate policy;
  Estimate development;
  Estimate stability;
  Estimate concentration;
};

// Any score is possible.
Estimate MissingIndicator(std::string reason);

// In years at the present rate of production; clipped to 0 to 100.
double DepletionScore(double years, const YaleParameters& parameters);
Estimate DepletionIndicator(const Estimate& years, const YaleParameters& parameters);
// Of an HHI on 0 to 10000; clipped to 0 to 100.
double ConcentrationScore(double hhi, const YaleParameters& parameters);
Estimate ConcentrationIndicator(const Estimate& hhi, const YaleParameters& parameters);

// Sum of share of production times figure, figures on 0 to 100. Other countries count with the middle in the value and
// with anything in the bounds. Nothing where a named producer has no figure.
std::optional<Estimate> ProductionWeighted(const Shares& production,
                                           const std::function<std::optional<Weight>(const std::string&)>& figure_of);

// The value is that of the indicators at hand; the bounds are those of the whole formula, in which what is missing may
// be anything. Unset with NO_INDICATORS where none is at hand.
Estimate YaleSupplyRisk(const YaleIndicators& indicators);

}  // namespace orewatch::risk
