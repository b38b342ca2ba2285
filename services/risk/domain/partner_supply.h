// What a country could spare at a stage: capacity that no contract binds, and projects by their chance to produce.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/base_rates.h"
#include "services/risk/domain/partners.h"

namespace orewatch::risk {

// Tonnes that may be added up. Gross tonnes of unlike products may not.
struct TonnesAlike {
  // 0: what is met first decides.
  BasisNumber basis = 0;
  std::set<std::string> products;
};

struct FreeSupply {
  // Nothing: nobody says.
  std::optional<double> uncommitted_tonnes;
  std::optional<double> risked_project_tonnes;
  std::vector<Provenance> provenances;
  std::vector<std::string> resources;
  // What is left out: BASIS_MISMATCH:resource, PRODUCT_MISMATCH:resource and PRODUCT_UNKNOWN:resource (other tonnes
  // than those of the imports), CAPACITY_UNKNOWN:project, OFFTAKE_UNKNOWN:project (others have bought of it, nobody
  // says how much), NO_BASE_RATE:project.
  Reasons reasons;
  std::optional<double> total() const;
};

// The part of a world that one caller sees of one mineral, stage and product; the world outlives it.
class SupplyInSight {
 public:
  SupplyInSight(const World& world, const PartnerQuery& query);

  // Countries of plants and projects.
  const std::set<std::string>& countries() const { return countries_; }
  // By the end of `year`.
  FreeSupply FreeBy(const std::string& country, int year, TonnesAlike alike) const;

 private:
  // Capacity that nobody but the importer has bought; nothing: it is not known how much others have.
  std::optional<double> Unsold(const ProjectRecord& project) const;
  void AddUncommitted(const std::string& country, TonnesAlike& alike, FreeSupply& supply) const;
  void AddProjects(const std::string& country, double years, TonnesAlike& alike, FreeSupply& supply) const;

  const World& world_;
  const std::set<std::string> importers_;
  const BaseRates rates_ = DefaultBaseRates();
  std::vector<const Headrooms::value_type*> headrooms_;
  std::vector<const ProjectRecords::value_type*> projects_;
  std::set<std::string> countries_;
};

}  // namespace orewatch::risk
