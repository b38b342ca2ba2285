// Which countries an importer could turn to for a mineral at a stage: what is known of each, factor by factor, and how
// they rank. No alliance is built in: a country is what its figures, agreements and measures say.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/partner_ranking.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// Numbers of orewatch.risk.v1.PartnerFactor.
enum class PartnerFactor {
  kEndowment = 1,
  kOutput = 2,
  kGovernance = 3,
  kExpertise = 4,
  kAgreements = 5,
  kFreeTonnes = 6,
  kRiskFall = 7,
};
using PartnerWeights = std::map<PartnerFactor, double>;

struct PartnerParameters {
  std::string name = "partners";
  std::string edition = "1";
  PartnerWeights weights = {{PartnerFactor::kEndowment, 1},  {PartnerFactor::kOutput, 1},
                            {PartnerFactor::kGovernance, 1}, {PartnerFactor::kExpertise, 1},
                            {PartnerFactor::kAgreements, 1}, {PartnerFactor::kFreeTonnes, 1},
                            {PartnerFactor::kRiskFall, 1}};
};

struct PartnerQuery {
  SeriesId series;
  // Empty: whatever is made at the stage.
  std::string product;
  // Resource name of a country or bloc.
  std::string importer;
  // From the year of the world's day on.
  int horizon_year = 0;
  // Resource names of countries and blocs.
  std::set<std::string> exclusions;
  // Those of the caller in place of the parameters'; not all 0.
  PartnerWeights weights;
  // Whose sight decides what is there.
  std::string principal;
};

struct PartnerFactorFinding {
  PartnerFactor factor = PartnerFactor::kOutput;
  // Nothing: unknown.
  std::optional<double> value;
  std::string unit;
  int year = 0;
  // The value is known, and so is what its scale is measured by.
  bool on_scale = false;
  // What is unknown may be anything.
  ScaledFactor scaled;
  // The same, save that headroom that nobody shows gives no benefit, and that what is known of no candidate is left
  // out.
  ScaledFactor ranked;
  double contribution = 0;
  std::vector<Provenance> provenances;
  // Resource names that decide.
  std::vector<std::string> resources;
  Reasons reasons;
};

// Until the end of a year; nothing: no headroom data.
struct PartnerYearFinding {
  int year = 0;
  std::optional<double> free_tonnes;
  std::optional<double> uncommitted_tonnes;
  std::optional<double> risked_project_tonnes;
  std::optional<double> moved_share;
  std::optional<double> risk_fall;
};

struct Partner {
  // By `ranked` of its factors, and by `scaled`.
  RankedCandidate ranked;
  RankedCandidate at_most;
  // Those that apply at the stage, in the order of their numbers.
  std::vector<PartnerFactorFinding> factors;
  std::vector<PartnerYearFinding> years;
  // What else is between it and the importer than what decides: measures and agreements in force, and agreements that
  // bind no trade and have not ended.
  std::vector<std::string> other_resources;
};

struct PartnerRanking {
  // By rank.
  std::vector<Partner> partners;
  // As used.
  PartnerWeights weights;
  // What is known of no candidate. It keeps its weight in the scores and their bounds.
  std::vector<PartnerFactor> not_ranked_on;
  // HHI of the imports, each squared share weighted by governance risk, 0 to 1; nothing: no trade.
  std::optional<double> risk;
  std::optional<double> imports_tonnes;
  BasisNumber basis = 0;
  int imports_year = 0;
  // Of all candidates.
  Reasons reasons;
};

// Candidates are the countries that the registry knows and of which reserves (at the mine), output at the stage or one
// next to it, free capacity or a project are known to the principal; neither the importer nor its members of the day.
PartnerRanking RankPartners(const World& world, const PartnerQuery& query);

}  // namespace orewatch::risk
