#include "services/risk/domain/geopolrisk.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

constexpr double kKilogramsPerTonne = 1000;

double NamedOnlyHerfindahl(const Shares& shares) {
  double named = 0;
  for (const Share& share : shares.named) {
    named += share.value;
  }
  double sum = 0;
  for (const Share& share : shares.named) {
    const double of_named = named > 0 ? share.value / named : 0;
    sum += of_named * of_named;
  }
  return sum;
}

// Both are at least 0, so that the ends of the product are those of its factors.
Estimate Product(const Estimate& a, const Estimate& b) {
  Estimate product;
  if (a.value.has_value() && b.value.has_value()) {
    product.value = *a.value * *b.value;
  }
  product.lower = a.lower * b.lower;
  if (a.upper.has_value() && b.upper.has_value()) {
    product.upper = *a.upper * *b.upper;
  }
  for (const Estimate* factor : {&a, &b}) {
    for (const std::string& reason : factor->reasons) {
      AddReason(reason, product.reasons);
    }
  }
  return product;
}

// Tonnes, and tonnes times risk, of the imports whose amount is known.
struct ImportSums {
  double tonnes = 0;
  double value = 0;
  double lower = 0;
  double upper = 0;
};

ImportSums SumsOf(const std::vector<Supply>& imports) {
  ImportSums sums;
  for (const Supply& supply : imports) {
    const double tonnes = supply.tonnes.value_or(0);
    sums.tonnes += tonnes;
    sums.value += supply.risk.value * tonnes;
    sums.lower += supply.risk.lower * tonnes;
    sums.upper += supply.risk.upper * tonnes;
  }
  return sums;
}

// A flow of any size moves the mean anywhere between where it is and the flow's own risk.
void StretchTo(double lower, double upper, Estimate& estimate) {
  estimate.lower = std::min(estimate.lower, lower);
  estimate.upper = std::max(estimate.upper.value_or(1), upper);
}

Reasons ReasonsOf(const std::vector<Supply>& imports) {
  Reasons reasons;
  for (const Supply& supply : imports) {
    if (!supply.tonnes.has_value()) {
      AddReason(absl::StrCat("IMPORTS_UNKNOWN:", supply.country), reasons);
    }
    if (supply.risk.imputed && supply.tonnes != 0.0) {
      AddReason(absl::StrCat("GOVERNANCE_IMPUTED:", supply.country), reasons);
    }
  }
  return reasons;
}

std::optional<double> PriceOf(const std::vector<Supply>& imports) {
  double usd = 0;
  double tonnes = 0;
  for (const Supply& supply : imports) {
    if (supply.tonnes.has_value() && supply.value_usd.has_value()) {
      usd += *supply.value_usd;
      tonnes += *supply.tonnes;
    }
  }
  return tonnes > 0 ? std::optional<double>(usd / tonnes / kKilogramsPerTonne) : std::nullopt;
}

}  // namespace

Estimate ConcentrationOf(const Shares& world_production, OtherCountries other_countries) {
  Estimate hhi = Herfindahl(world_production);
  Scale(1 / kFullConcentration, hhi);
  if (hhi.value.has_value() && other_countries == OtherCountries::kLeftOut) {
    hhi.value = NamedOnlyHerfindahl(world_production);
    hhi.lower = std::min(hhi.lower, *hhi.value);
    if (hhi.upper.has_value()) {
      hhi.upper = std::max(*hhi.upper, *hhi.value);
    }
  }
  return hhi;
}

Estimate ImportRisk(const GeoPolRiskInputs& inputs) {
  Estimate risk;
  risk.reasons = ReasonsOf(inputs.imports);
  const ImportSums sums = SumsOf(inputs.imports);
  if (sums.tonnes <= 0) {
    AddReason("NO_TRADE", risk.reasons);
    return risk;
  }
  const double supply = inputs.own_output.known + sums.tonnes;
  risk.value = sums.value / supply;
  risk.upper = sums.upper / supply;
  risk.lower = inputs.own_output.upper.has_value() ? sums.lower / (*inputs.own_output.upper + sums.tonnes) : 0;
  for (const Supply& flow : inputs.imports) {
    if (!flow.tonnes.has_value()) {
      StretchTo(flow.risk.lower, flow.risk.upper, risk);
    }
  }
  if (inputs.imports_are_partial) {
    StretchTo(0, 1, risk);
  }
  return risk;
}

GeoPolRiskResult Combine(const Estimate& hhi, const Estimate& import_risk, std::optional<double> price,
                         double copper_midpoint) {
  GeoPolRiskResult result;
  result.hhi = hhi;
  result.import_risk = import_risk;
  result.score = Product(hhi, import_risk);
  // A next to nothing that is worth something has no price.
  result.price = price.has_value() && std::isfinite(*price) ? price : std::nullopt;
  if (result.price.has_value() && result.score.value.has_value()) {
    result.midpoint = result.score;
    Scale(*result.price, result.midpoint);
    result.factor = result.midpoint;
    Scale(1 / copper_midpoint, result.factor);
  }
  return result;
}

GeoPolRiskResult GeoPolRiskOf(const GeoPolRiskInputs& inputs, const GeoPolRiskParameters& parameters) {
  return Combine(ConcentrationOf(inputs.world_production, parameters.other_countries), ImportRisk(inputs),
                 PriceOf(inputs.imports), parameters.copper_midpoint);
}

}  // namespace orewatch::risk
