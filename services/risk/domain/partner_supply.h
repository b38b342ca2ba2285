// What a country could spare at a stage: capacity that no contract binds, and projects by their chance to produce.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/base_rates.h"
#include "services/risk/domain/partners.h"

namespace orewatch::risk {

// Tonnes that may be added up. Gross tonnes of unlike products may not.
struct TonnesAlike {
  // 0: all must be of one basis, and of one product if they are gross.
  BasisNumber basis = 0;
  std::set<std::string> products;
};

// What stands in the way of shipping a product; empty for a product that is not known.
struct Barriers {
  // Names of a ban in force, and of a quota or licence; empty: none.
  std::string ban;
  std::string limit;
};
using BarriersTo = std::function<Barriers(const std::string& product)>;

struct FreeSupply {
  // Nothing: nobody says.
  std::optional<double> uncommitted_tonnes;
  std::optional<double> risked_project_tonnes;
  std::vector<Provenance> provenances;
  std::vector<std::string> resources;
  // What stands in the way: EXPORT_BAN:measure, whose tonnes count as none, and EXPORT_LIMIT:measure (a quota or a
  // licence), whose tonnes count but may be fewer.
  Reasons barriers;
  bool limited = false;
  // What is left out, of an amount that nobody knows: BASIS_MISMATCH:resource, PRODUCT_MISMATCH:resource and
  // PRODUCT_UNKNOWN:resource (other tonnes than those of the imports), UNLIKE_TONNES (no imports to compare with, and
  // tonnes that may not be added), CAPACITY_UNKNOWN:project, OFFTAKE_UNKNOWN:project (others have bought of it, nobody
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
  // What is made or built at the stage.
  std::set<std::string> products() const;
  // By the end of `year`.
  FreeSupply FreeBy(const std::string& country, int year, const TonnesAlike& alike,
                    const BarriersTo& barriers_to) const;

 private:
  // Capacity that nobody but the importer has bought; nothing: it is not known how much others have.
  std::optional<double> Unsold(const ProjectRecord& project) const;
  // Of all that the country has; nothing: it may not be added up.
  std::optional<TonnesAlike> OneKind(const std::string& country) const;
  void AddUncommitted(const std::string& country, const TonnesAlike& alike, const BarriersTo& barriers_to,
                      FreeSupply& supply) const;
  void AddProjects(const std::string& country, double years, const TonnesAlike& alike, const BarriersTo& barriers_to,
                   FreeSupply& supply) const;

  const World& world_;
  const std::set<std::string> importers_;
  const BaseRates rates_ = DefaultBaseRates();
  std::vector<const Headrooms::value_type*> headrooms_;
  std::vector<const ProjectRecords::value_type*> projects_;
  std::set<std::string> countries_;
};

}  // namespace orewatch::risk
