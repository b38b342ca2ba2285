// Risk of depending on one supplier or facility, 0 to 100: a weighted mean of dimensions that are each on 0 (no risk
// that the dimension sees) to 100. docs/methods/suppliers.md says why these dimensions and weights.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/chain_exposure.h"
#include "services/risk/domain/concentration.h"
#include "services/risk/domain/model.h"
#include "services/risk/domain/supplier_risk_parameters.h"

namespace orewatch::risk {

// What is said against a supplier, and for it: of each kind the latest finding counts, and of those of one day the
// adverse. An adverse one is 100, whatever the others say; else each kind that is cleared is 0, and each of which
// nothing is said may be anything and counts as 50. Reasons: FINDING_UNKNOWN:kind.
Estimate FindingsRisk(const std::vector<FindingFact>& findings);

// Of a facility, or of a supplier with its facilities, from what the view shows and public scores. Nothing: more lies
// upstream than is left of the budget. Reasons: GOVERNANCE_IMPUTED:XX, PLACE_UNKNOWN, OWNERS_UNKNOWN,
// FINDING_UNKNOWN:kind, OUTPUTS_UNKNOWN, CONCENTRATION_UNKNOWN:mineral, SOURCES_UNKNOWN.
std::optional<Score> SupplierRisk(const ChainView& view, const Model& model, const std::string& name,
                                  const SupplierRiskParameters& parameters, LinkBudget& budget);

}  // namespace orewatch::risk
