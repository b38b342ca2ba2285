#include "services/risk/domain/milestone_norms.h"

#include "absl/strings/ascii.h"

namespace orewatch::risk {
namespace {

constexpr char kDiscovery[] = "discovery";
constexpr char kStudy[] = "feasibility study";
constexpr char kConstruction[] = "start of construction";
constexpr char kProduction[] = "start of production";

// What is left of all years.
BaseRate ConstructionOf(const BaseRates& rates) {
  BaseRate rate = rates.years_to_production_large;
  rate.metric = "start of construction to production, mean years";
  rate.value -= rates.years_of_studies_large.value + rates.years_to_construction_large.value;
  return rate;
}

}  // namespace

std::optional<BaseRate> NormOf(const std::string& from, const std::string& to, const BaseRates& rates) {
  const std::string before = absl::AsciiStrToLower(from);
  const std::string after = absl::AsciiStrToLower(to);
  if (before == kDiscovery && after == kProduction) {
    return rates.years_to_production;
  }
  if (before == kDiscovery && after == kStudy) {
    return rates.years_of_studies_large;
  }
  if (before == kStudy && after == kConstruction) {
    return rates.years_to_construction_large;
  }
  if (before == kConstruction && after == kProduction) {
    return ConstructionOf(rates);
  }
  return std::nullopt;
}

}  // namespace orewatch::risk
