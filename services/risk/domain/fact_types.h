// What risk knows of the registry, as plain columns. A fact's key says which figure it is; the rest is the figure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "services/risk/domain/eu_supply_risk.h"
#include "services/risk/domain/governance.h"
#include "services/risk/domain/shares.h"

namespace orewatch::risk {

// Numbers of orewatch.type.v1.Stage and Basis.
using StageNumber = int;
using BasisNumber = int;

// One mineral at one stage; what a change to it reaches is computed as a whole.
struct SeriesId {
  // Resource name.
  std::string mineral;
  StageNumber stage = 0;
  auto operator<=>(const SeriesId&) const = default;
};

struct ProductionKey {
  std::string dataset;
  std::string product;
  BasisNumber basis = 0;
  std::string scope;
  int year = 0;
  // Alpha-2, or ZZ.
  std::string country;
  auto operator<=>(const ProductionKey&) const = default;
};

struct TradeKey {
  std::string dataset;
  std::string product;
  std::string hs6;
  BasisNumber basis = 0;
  std::string scope;
  int year = 0;
  std::string importer;
  std::string exporter;
  auto operator<=>(const TradeKey&) const = default;
};

// Where a fact comes from.
struct Provenance {
  std::string source;
  std::string as_of;
  std::string licence;
  bool operator==(const Provenance&) const = default;
};

// A quantity as its source gives it.
struct Figure {
  std::optional<double> amount;
  Measure measure = Measure::kTonnes;
  bool withheld = false;
  bool estimated = false;
  Provenance provenance;
  // Of a flow, what it was worth; nothing: unknown.
  std::optional<double> value_usd;
  bool operator==(const Figure&) const = default;
};

struct GovernanceKey {
  // Alpha-2.
  std::string country;
  int year = 0;
  std::string dataset;
  auto operator<=>(const GovernanceKey&) const = default;
};

struct GovernanceFact {
  GovernanceEstimates estimates;
  Provenance provenance;
  bool operator==(const GovernanceFact&) const = default;
};

// The other yearly figures that methods read, of a mineral or of a country.
enum class Indicator {
  // Of a mineral: end-of-life recycling input rate, in [0, 1].
  kRecycling,
  // Of a mineral: substitution index, in (0, 1].
  kSubstitution,
  // Of a mineral, for a region: net imports over apparent consumption; negative for a net exporter.
  kNetImportReliance,
  // Of a mineral, for a region: economic vulnerability of the USGS, rescaled to [0, 1].
  kEconomicVulnerability,
  // Of a country: how unable it is to supply, 0 (best) to 1.
  kAbilityToSupply,
  // Of a country, for a region: how unwilling it is to supply there, 0 (best) to 1.
  kWillingnessToSupply,
  // Of a mineral: fraction of supply that is a by-product, in [0, 1].
  kCompanionFraction,
  // Of a country: policy potential index of the Fraser Institute, 0 to 100 (best).
  kPolicyPotential,
  // Of a country: human development index, in [0, 1].
  kHumanDevelopment,
  // Of a mineral, for a region and by sector: fraction of the use there, in [0, 1].
  kEndUseShare,
  // Of a country or bloc, by sector: what the sector adds to the economy in a year, in one currency.
  kValueAdded,
  // Of a mineral: substitution index of economic importance, in (0, 1].
  kSubstitutionOfImportance,
};

struct IndicatorKey {
  // Resource name of a mineral or country.
  std::string subject;
  Indicator indicator = Indicator::kRecycling;
  int year = 0;
  // Region it was measured for: alpha-2 or the id of a bloc; empty: the world.
  std::string region;
  std::string dataset;
  // NACE division such as C24; empty: of no sector.
  std::string sector = {};
  auto operator<=>(const IndicatorKey&) const = default;
};

struct IndicatorFact {
  double value = 0;
  Provenance provenance;
  bool operator==(const IndicatorFact&) const = default;
};

// What is economic to extract from the ground of a country.
struct ReservesKey {
  // Resource name.
  std::string mineral;
  std::string dataset;
  std::string product;
  BasisNumber basis = 0;
  std::string scope;
  int year = 0;
  // Alpha-2, or ZZ.
  std::string country;
  auto operator<=>(const ReservesKey&) const = default;
};

// Dates in this file are ISO texts with the precision known (2024, 2024-07 or 2024-07-01); empty: none.
struct Membership {
  // Alpha-2.
  std::string country;
  std::string from;
  // Empty: still a member.
  std::string to;
  bool operator==(const Membership&) const = default;
};

// What a government did to its exports.
struct Restriction {
  // Alpha-2.
  std::string imposer;
  TradeRelation kind = TradeRelation::kNone;
  // Resource name; empty: whatever the other fields name.
  std::string mineral;
  // Empty: every product.
  std::string product;
  // 0: every stage.
  StageNumber stage = 0;
  // Empty: every code.
  std::vector<std::string> hs6;
  // Alpha-2 codes and ids of blocs; empty: everybody.
  std::set<std::string> destinations;
  std::string effective;
  std::string suspended;
  // Empty: until further notice.
  std::string suspended_until;
  std::string ended;
  Provenance provenance;
  bool operator==(const Restriction&) const = default;
};

// A trade agreement between governments.
struct TradeAgreement {
  // Alpha-2 codes and ids of blocs.
  std::set<std::string> parties;
  // Resource names; empty: not limited.
  std::set<std::string> minerals;
  std::string in_force;
  std::string ended;
  Provenance provenance = {};
  bool operator==(const TradeAgreement&) const = default;
};

// What a country keeps in store.
struct StockpileFact {
  // Alpha-2.
  std::string country;
  // Resource names; empty: a class of minerals that names none.
  std::set<std::string> minerals;
  std::optional<double> held_days;
  std::optional<double> target_days;
  // Days of whose use; empty: not said.
  std::string denominator;
  Provenance provenance;
  // As of which its source speaks; 0: unknown.
  int year() const;
  bool operator==(const StockpileFact&) const = default;
};

}  // namespace orewatch::risk
