// A score as risk keeps it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/concentration.h"
#include "services/risk/domain/facts.h"

namespace orewatch::risk {

// Numbers of orewatch.risk.v1.Method, Band and ChangeCause.
enum class Method {
  kHhi = 1,
  kHhiGovernance = 2,
  kEuSupplyRisk2017 = 3,
  kCountryGovernance = 4,
  kHhiNormalized = 5,
  kHhiGovernanceExports = 6,
  kGeoPolRisk2024 = 7,
  kUsgs2020 = 8,
  kYale2015 = 9,
  kStockCover = 10,
  kOrewatch2026 = 11,
  kHhiOwnership = 12,
  kOrewatchSupplier2026 = 13,
  kEuEconomicImportance2017 = 14,
};
enum class Band { kUnspecified = 0, kLow = 1, kGuarded = 2, kElevated = 3, kHigh = 4, kSevere = 5 };
enum class ChangeCause { kUnknown = 0, kReal = 1, kNewYear = 2, kRestated = 3, kMethod = 4, kScope = 5 };

struct ScoreKey {
  // Resource name of a mineral or country, or of a supplier or facility.
  std::string subject;
  StageNumber stage = 0;
  // Resource name of a country or bloc; empty for methods without one.
  std::string importer;
  Method method = Method::kHhi;
  // For kHhiNormalized: over how many suppliers; 0: the countries that are named and produce.
  int normalization_n = 0;
  auto operator<=>(const ScoreKey&) const = default;
};

// One figure that went into a score. The contributions of the inputs of a sum add up to the score.
struct Input {
  std::string role;
  // Alpha-2, or ZZ.
  std::string country;
  // The number used: a share, a governance risk, a trade factor, a rate.
  std::optional<double> value;
  std::optional<double> contribution;
  int year = 0;
  std::string dataset;
  std::string product;
  BasisNumber basis = 0;
  std::string scope;
  Figure figure;
  // Resource name of whose figure it is; empty: a country's or a mineral's. No history keeps it.
  std::string facility = {};
  bool operator==(const Input&) const = default;
};

// A number on the way to the score, or one that follows from it, such as an import risk or a price.
struct Component {
  std::string name;
  std::string unit;
  // Its reasons are those of the score.
  Estimate estimate;
};

// A figure or word of a method's parameter set.
struct Parameter {
  std::string name;
  std::optional<double> number;
  std::string text;
  // Who gives it.
  std::string reference;
  bool operator==(const Parameter&) const = default;
};
struct ParameterSet {
  std::string name;
  std::string edition;
  std::vector<Parameter> parameters;
  bool operator==(const ParameterSet&) const = default;
};

struct Score {
  ScoreKey key;
  Estimate estimate;
  Band band = Band::kUnspecified;
  int reference_year = 0;
  std::string top_country;
  std::optional<double> top_share;
  bool bottleneck = false;
  int known_stages = 0;
  std::vector<std::string> hs6;
  std::vector<Input> inputs;
  std::vector<Component> components;
  // Of the method; empty for one without.
  ParameterSet parameters;
  // What a reader should know although nothing is missing for it, in words such as GOVERNANCE_YEAR:2023.
  Reasons notes;
  // Of the last change that made a difference; kUnknown if that came before what the model has seen.
  int64_t changed_revision = 0;
  ChangeCause change_cause = ChangeCause::kUnknown;
};

// The same, whenever and why ever it was computed.
bool SameContent(const Score& a, const Score& b);

// Why `after` differs from `before`, as far as the data tell: SCOPE if another series is read, NEW_YEAR if the years of
// the inputs moved, RESTATED if figures of the same series and year differ, else REAL (a measure, an agreement, a
// membership; or there was no score).
ChangeCause CauseOf(const Score& before, const Score& after);

// Where the bands above the lowest begin.
using Thresholds = std::array<double, 4>;
// Defaults of this suite: for HHI the 1000 and 1800 of the US merger guidelines of 2023, and 2500 and 5000 above them;
// half of that with governance, since few weights come near 1; for supply risk around the EU's threshold of 1, and for
// economic importance around that of 2.8; equal fifths for the composite.
std::map<Method, Thresholds> DefaultThresholds();

// The band of both ends of an estimate; kUnspecified if they differ, one is unknown, or the method has no bands.
Band BandOf(const Estimate& estimate, Method method, const std::map<Method, Thresholds>& thresholds);

}  // namespace orewatch::risk
