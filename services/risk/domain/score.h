// A score as risk keeps it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/concentration.h"
#include "services/risk/domain/facts.h"

namespace orewatch::risk {

// Numbers of orewatch.risk.v1.Method and Band.
enum class Method { kHhi = 1, kHhiGovernance = 2, kEuSupplyRisk2017 = 3, kCountryGovernance = 4 };
enum class Band { kUnspecified = 0, kLow = 1, kGuarded = 2, kElevated = 3, kHigh = 4, kSevere = 5 };

struct ScoreKey {
  // Resource name of a mineral or country.
  std::string subject;
  StageNumber stage = 0;
  // Resource name of a country or bloc; empty for methods without one.
  std::string importer;
  Method method = Method::kHhi;
  auto operator<=>(const ScoreKey&) const = default;
};

// One figure that went into a score.
struct Input {
  std::string role;
  std::string country;
  std::optional<double> value;
  std::optional<double> contribution;
  int year = 0;
  std::string dataset;
  BasisNumber basis = 0;
  std::string scope;
  Figure figure;
  bool operator==(const Input&) const = default;
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
  // Of the last change that made a difference.
  int64_t changed_revision = 0;
};

// The same, whenever it was computed.
bool SameContent(const Score& a, const Score& b);

// The band of both ends of an estimate; kUnspecified if they differ or one is unknown. The thresholds are defaults of
// this suite: for HHI the 1000 and 1800 of the US merger guidelines of 2023, and 2500 and 5000 above them.
Band BandOf(Method method, const Estimate& estimate);

}  // namespace orewatch::risk
