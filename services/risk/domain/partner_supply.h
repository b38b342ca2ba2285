// What a country could spare at a stage: capacity that no contract binds, and projects by their chance to produce.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/base_rates.h"
#include "services/risk/domain/partners.h"

namespace orewatch::risk {

struct FreeSupply {
  // Nothing: nobody says.
  std::optional<double> uncommitted_tonnes;
  std::optional<double> risked_project_tonnes;
  std::vector<Provenance> provenances;
  std::vector<std::string> resources;
  // BASIS_MISMATCH:resource (counts other tonnes than the imports, and is left out), CAPACITY_UNKNOWN:project,
  // NO_BASE_RATE:project.
  Reasons reasons;
  std::optional<double> total() const;
};

// The part of a world that one caller sees of one mineral, stage and product; the world outlives it.
class SupplyInSight {
 public:
  SupplyInSight(const World& world, const PartnerQuery& query);

  // Countries of plants and projects.
  const std::set<std::string>& countries() const { return countries_; }
  // In tonnes of that basis, 0: of whatever basis the first has; by the end of `year`.
  FreeSupply FreeBy(const std::string& country, int year, BasisNumber basis) const;

 private:
  void AddUncommitted(const std::string& country, BasisNumber& basis, FreeSupply& supply) const;
  void AddProjects(const std::string& country, double years, BasisNumber& basis, FreeSupply& supply) const;

  const World& world_;
  const BaseRates rates_ = DefaultBaseRates();
  std::vector<const Headrooms::value_type*> headrooms_;
  std::vector<const ProjectRecords::value_type*> projects_;
  std::set<std::string> countries_;
};

}  // namespace orewatch::risk
