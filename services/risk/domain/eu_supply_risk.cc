#include "services/risk/domain/eu_supply_risk.h"

#include <algorithm>

namespace orewatch::risk {
namespace {

// a * GS + b * sourcing, end by end.
Estimate Blend(const Estimate& global, double a, const Estimate& sourcing, double b) {
  Estimate blend;
  if (global.value.has_value() && sourcing.value.has_value()) {
    blend.value = a * *global.value + b * *sourcing.value;
  }
  blend.lower = a * global.lower + b * sourcing.lower;
  if (global.upper.has_value() && sourcing.upper.has_value()) {
    blend.upper = a * *global.upper + b * *sourcing.upper;
  }
  return blend;
}

Estimate AtReliance(const Estimate& global, const Estimate& sourcing, double reliance) {
  return Blend(global, reliance / 2, sourcing, 1 - reliance / 2);
}

// The core of both parts, over every import reliance that is possible.
Estimate Core(const Estimate& global, const Estimate& sourcing, std::optional<double> reliance) {
  if (reliance.has_value()) {
    return AtReliance(global, sourcing, *reliance);
  }
  Estimate all_imported = AtReliance(global, sourcing, 1);
  const Estimate none_imported = AtReliance(global, sourcing, 0);
  all_imported.lower = std::min(all_imported.lower, none_imported.lower);
  if (all_imported.upper.has_value() && none_imported.upper.has_value()) {
    all_imported.upper = std::max(*all_imported.upper, *none_imported.upper);
  } else {
    all_imported.upper = std::nullopt;
  }
  return all_imported;
}

// A factor that relieves; unknown, it may be anything down to 0, and the value gives no relief.
void Relieve(const std::optional<double>& factor, const char* reason, Estimate& estimate) {
  if (factor.has_value()) {
    return Scale(*factor, estimate);
  }
  AddReason(reason, estimate.reasons);
  estimate.lower = 0;
}

bool Known(const std::optional<Shares>& shares) { return shares.has_value() && !shares->empty(); }

}  // namespace

HalfFactors HalfFactorsOf(const SupplyRiskInputs& inputs) {
  const double relief = (1 - inputs.recycling_rate.value_or(0)) * inputs.substitution_index.value_or(1);
  if (!Known(inputs.global_supply) || !Known(inputs.sourcing)) {
    return {Known(inputs.global_supply) ? relief : 0, Known(inputs.sourcing) ? relief : 0};
  }
  const double reliance = inputs.import_reliance.value_or(1);
  return {reliance / 2 * relief, (1 - reliance / 2) * relief};
}

WeightOf GovernanceAndTradeWeight(const GovernanceScale& governance_0_to_10, const TradeFactors& factors,
                                  const std::function<TradeRelation(const std::string&)>& relation_of) {
  return [by_governance = GovernanceWeight(governance_0_to_10), &factors, relation_of](const std::string& country) {
    Weight weight = by_governance(country);
    const double factor = factors.Of(relation_of(country));
    weight.value *= factor;
    weight.lower *= factor;
    weight.upper *= factor;
    return weight;
  };
}

double TradeFactors::Of(TradeRelation relation) const {
  switch (relation) {
    case TradeRelation::kNone:
      return none;
    case TradeRelation::kMember:
      return member;
    case TradeRelation::kAgreement:
      return agreement;
    case TradeRelation::kExportTax:
      return export_tax;
    case TradeRelation::kQuota:
      return quota;
    case TradeRelation::kLicence:
      return licence;
    case TradeRelation::kBan:
      return ban;
  }
  return none;
}

double TradeFactors::worst() const { return std::max({member, agreement, none, export_tax, licence, quota, ban}); }

double ImportReliance(double production, double imports, double exports) {
  const double net_imports = imports - exports;
  const double use = production + net_imports;
  return use <= 0 ? 1 : std::clamp(net_imports / use, 0.0, 1.0);
}

Estimate EuSupplyRisk(const SupplyRiskInputs& inputs, const GovernanceScale& governance_0_to_10,
                      const TradeFactors& factors,
                      const std::function<TradeRelation(const std::string&)>& relation_of) {
  const WeightOf weight = GovernanceAndTradeWeight(governance_0_to_10, factors, relation_of);
  const double worst = governance_0_to_10.worst() * factors.worst();
  const auto part = [&](const std::optional<Shares>& shares) {
    return shares.has_value() ? WeightedHerfindahl(*shares, weight, worst) : Estimate{};
  };
  const Estimate global = part(inputs.global_supply);
  const Estimate sourcing = part(inputs.sourcing);
  Estimate risk;
  if (global.value.has_value() && sourcing.value.has_value()) {
    risk = Core(global, sourcing, inputs.import_reliance);
    if (!inputs.import_reliance.has_value()) {
      AddReason("IMPORT_RELIANCE_UNKNOWN", risk.reasons);
    }
  } else {
    risk = global.value.has_value() ? global : sourcing;
  }
  for (const Estimate* half : {&global, &sourcing}) {
    for (const std::string& reason : half->reasons) {
      AddReason(reason, risk.reasons);
    }
  }
  if (!global.value.has_value()) {
    AddReason("NO_GLOBAL_SUPPLY", risk.reasons);
  }
  if (!sourcing.value.has_value()) {
    AddReason("NO_SOURCING", risk.reasons);
  }
  if (risk.value.has_value()) {
    std::optional<double> primary;
    if (inputs.recycling_rate.has_value()) {
      primary = 1 - *inputs.recycling_rate;
    }
    Relieve(primary, "RECYCLING_UNKNOWN", risk);
    Relieve(inputs.substitution_index, "SUBSTITUTION_UNKNOWN", risk);
  }
  return risk;
}

}  // namespace orewatch::risk
