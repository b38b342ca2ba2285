// Supply risk after the methodology of the European Commission for its lists of critical raw materials, 2017
// (ISBN 978-92-79-68051-9; Blengini et al. 2017, Resources Policy 53:12-19).
//
//   SR = [ GS * IR/2 + sourcing * (1 - IR/2) ] * (1 - EoL-RIR) * SI
//   GS, sourcing = sum of squared share * governance (0 to 10, 10 worst) * trade factor
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "services/risk/domain/concentration.h"
#include "services/risk/domain/governance.h"

namespace orewatch::risk {

// What stands between a country and the importer, as the methodology's factor t sees it.
enum class TradeRelation { kNone, kMember, kAgreement, kExportTax, kQuota, kLicence, kBan };

// The grid of t. The guidelines give ranges by severity; these are the defaults of this suite and may be configured.
struct TradeFactors {
  std::string name = "eu-criticality-2017";
  // Of these figures under that name.
  std::string edition = "1";
  double member = 0.8;
  double agreement = 0.8;
  double none = 1.0;
  double export_tax = 1.1;
  double licence = 1.1;
  double quota = 1.2;
  double ban = 1.3;
  double Of(TradeRelation relation) const;
  // The largest of the grid.
  double worst() const;
  bool operator==(const TradeFactors&) const = default;
};

// One stage of one material, for one importer.
struct SupplyRiskInputs {
  // World production at the stage; nothing: no data.
  std::optional<Shares> global_supply;
  // Domestic production and imports of the importer, by country of origin; nothing: no data.
  std::optional<Shares> sourcing;
  // Net imports over apparent use, in [0, 1]; nothing: unknown.
  std::optional<double> import_reliance;
  // End-of-life recycling input rate in [0, 1]; nothing: unknown, no relief is given.
  std::optional<double> recycling_rate;
  // Substitution index in (0, 1]; nothing: unknown, no relief is given.
  std::optional<double> substitution_index;
};

// clip((imports - exports) / (production + imports - exports), 0, 1), all in tonnes of one basis; 1 where nothing is
// produced and nothing stays.
double ImportReliance(double production, double imports, double exports);

// What a sum of squared, weighted shares of each half is multiplied with in the value; a half that is missing gives 0.
struct HalfFactors {
  double global = 0;
  double sourcing = 0;
};
HalfFactors HalfFactorsOf(const SupplyRiskInputs& inputs);

// The weights of the shares of either half: governance on 0 to 10 times the trade factor.
WeightOf GovernanceAndTradeWeight(const GovernanceScale& governance_0_to_10, const TradeFactors& factors,
                                  const std::function<TradeRelation(const std::string&)>& relation_of);

// Without sourcing GS stands alone, and without GS sourcing does. Where both are there and IR is not, the value takes
// IR = 1 and the bounds span IR from 0 to 1. Reasons: those of the shares, NO_GLOBAL_SUPPLY, NO_SOURCING,
// IMPORT_RELIANCE_UNKNOWN, RECYCLING_UNKNOWN, SUBSTITUTION_UNKNOWN.
Estimate EuSupplyRisk(const SupplyRiskInputs& inputs, const GovernanceScale& governance_0_to_10,
                      const TradeFactors& factors, const std::function<TradeRelation(const std::string&)>& relation_of);

}  // namespace orewatch::risk
