// Geopolitical supply risk of an importer, GeoPolRisk 2024 (Gemechu et al. 2015, J. Ind. Ecol. 20:154-165;
// Santillan-Saldivar et al. 2022, Int. J. LCA 27:457-468; Koyamparambath et al. 2024, Resour. Conserv. Recycl.
// 209:107801).
//
//   GeoPolRisk = HHI * import risk,  import risk = sum(g_i * f_i) / (p + F)
//   midpoint = GeoPolRisk * price,   characterisation factor = midpoint / midpoint of copper
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/concentration.h"
#include "services/risk/domain/shares.h"

namespace orewatch::risk {

// How concentration counts other countries.
enum class OtherCountries {
  // As `Herfindahl`: in the whole, infinitely split.
  kInfinitelySplit,
  // Not at all: the named countries are the whole.
  kLeftOut,
};

struct GeoPolRiskParameters {
  std::string name = "geopolrisk-2024";
  // Of these figures under that name.
  std::string edition = "1";
  // Taken for a partner without an estimate, on 0 to 1; as in the library of the authors.
  double imputed_governance = 0.5;
  // Of copper, mean over the OECD economies 2017 to 2021, in US dollars per kilogram; as in that library.
  double copper_midpoint = 0.409412948;
  OtherCountries other_countries = OtherCountries::kInfinitelySplit;
  // Codes whose trade counts; empty: all of the stage.
  std::vector<std::string> hs6;
  bool operator==(const GeoPolRiskParameters&) const = default;
};

// What came from one country.
struct Supply {
  // Alpha-2, or ZZ.
  std::string country;
  // Nothing: unknown.
  std::optional<double> tonnes;
  std::optional<double> value_usd;
  // Political stability as a weight on 0 to 1; 0 for a member of the importing bloc.
  Weight risk;
};

// The importer's own output in tonnes; nothing as upper: no bound is known.
struct OwnOutput {
  double known = 0;
  std::optional<double> upper = 0;
};

struct GeoPolRiskInputs {
  Shares world_production;
  std::vector<Supply> imports;
  OwnOutput own_output;
  // There are further imports of unknown size and origin.
  bool imports_are_partial = false;
};

// On 0 to 1 where nothing else is said.
struct GeoPolRiskResult {
  Estimate hhi;
  Estimate import_risk;
  Estimate score;
  // Of what was imported with both quantity and value known, in US dollars per kilogram; nothing: none was.
  std::optional<double> price;
  // In US dollars per kilogram.
  Estimate midpoint;
  // In kilograms of copper per kilogram.
  Estimate factor;
};

// HHI on 0 to 1. Leaving other countries out renormalises, so that it may lie above what any split of them allows; the
// bounds then enclose it too.
Estimate ConcentrationOf(const Shares& world_production, OtherCountries other_countries);

// Upper is 1 at most. Unset with NO_TRADE unless something is imported. Reasons: GOVERNANCE_IMPUTED:XX,
// IMPORTS_UNKNOWN:XX.
Estimate ImportRisk(const GeoPolRiskInputs& inputs);

// The characterisation factor and all before it. Without a price midpoint and factor are unset.
GeoPolRiskResult Combine(const Estimate& hhi, const Estimate& import_risk, std::optional<double> price,
                         double copper_midpoint);

GeoPolRiskResult GeoPolRiskOf(const GeoPolRiskInputs& inputs, const GeoPolRiskParameters& parameters);

}  // namespace orewatch::risk
