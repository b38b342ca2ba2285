// What the registry says of who supplies whom, as plain columns, each with those who may read it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/fact_types.h"
#include "services/risk/domain/readers.h"

namespace orewatch::risk {

struct FacilityOutput {
  // Resource name.
  std::string mineral;
  StageNumber stage = 0;
  std::string product;
  std::string grade;
  std::optional<double> spare_tonnes_per_year;
  std::optional<double> capacity_tonnes_per_year = {};
  // Of the capacity; 0: not said.
  BasisNumber basis = 0;
  bool operator==(const FacilityOutput&) const = default;
};

struct FacilityInput {
  // Resource name.
  std::string mineral;
  std::string product;
  std::string grade;
  std::optional<double> use_tonnes_per_day;
  std::optional<double> stock_tonnes;
  // The facility stops without it.
  std::optional<bool> essential;
  // Resource names of facilities.
  std::vector<std::string> qualified;
  std::optional<double> months_to_qualify;
  bool operator==(const FacilityInput&) const = default;
};

// One who owns a part of a facility or supplier.
struct OwnerFact {
  // Resource name; empty: the registry does not hold it.
  std::string supplier;
  // Alpha-2; empty: unknown.
  std::string country;
  // In [0, 1].
  std::optional<double> share;
  // Nobody stands behind it.
  bool ultimate = false;
  bool operator==(const OwnerFact&) const = default;
};

// Numbers of orewatch.registry.v1.Supplier.Finding.Kind.
enum class FindingKind {
  kSanctions = 1,
  kForcedLabour = 2,
  kForeignEntityOfConcern = 3,
  kResponsibleSourcing = 4,
};
inline constexpr std::array kFindingKinds = {FindingKind::kSanctions, FindingKind::kForcedLabour,
                                             FindingKind::kForeignEntityOfConcern, FindingKind::kResponsibleSourcing};

struct FindingFact {
  FindingKind kind = FindingKind::kSanctions;
  // Else it was looked into and cleared.
  bool adverse = false;
  // As dates in fact_types.h.
  std::string date;
  Provenance provenance = {};
  bool operator==(const FindingFact&) const = default;
};

struct FacilityFact {
  Readers readers;
  // Alpha-2.
  std::string country;
  // It runs, or nobody says that it does not.
  bool operating = true;
  std::vector<FacilityOutput> outputs;
  std::vector<FacilityInput> inputs;
  // None: the supplier alone.
  std::vector<OwnerFact> owners;
  Provenance provenance = {};
  bool operator==(const FacilityFact&) const = default;
};

struct SupplierFact {
  Readers readers;
  // Alpha-2 of its seat.
  std::string country;
  // None: unknown.
  std::vector<OwnerFact> owners = {};
  std::vector<FindingFact> findings = {};
  Provenance provenance = {};
  bool operator==(const SupplierFact&) const = default;
};

struct ChainLinkFact {
  Readers readers;
  // Resource names: its own, and of facilities or suppliers.
  std::string name;
  std::string from;
  std::string to;
  std::string mineral;
  std::string product;
  std::optional<double> tonnes_per_year;
  std::optional<double> share;
  bool verified = false;
  std::optional<double> confidence;
  // The last day of its contract, as dates in fact_types.h; empty: none is known.
  std::string ends = {};
  bool operator==(const ChainLinkFact&) const = default;
};

// Who needs how much.
struct RequirementFact {
  Readers readers;
  // Resource name of a country, bloc, supplier or facility.
  std::string holder;
  std::string mineral;
  std::string product;
  std::optional<double> tonnes_per_year;
  bool operator==(const RequirementFact&) const = default;
};

// What one revision, or a snapshot, says of chains, by resource name. Nothing as a value: it is gone.
struct ChainChanges {
  std::map<std::string, std::optional<FacilityFact>> facilities;
  std::map<std::string, std::optional<SupplierFact>> suppliers;
  std::map<std::string, std::optional<ChainLinkFact>> links;
  std::map<std::string, std::optional<RequirementFact>> requirements;
  // The UTC date that has begun, as an ISO text.
  std::optional<std::string> today;
  bool empty() const {
    return facilities.empty() && suppliers.empty() && links.empty() && requirements.empty() && !today.has_value();
  }
};

}  // namespace orewatch::risk
