#include "services/risk/domain/partner_factors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/calendar.h"

namespace orewatch::risk {
namespace {

// Until something is known.
PartnerFactorFinding Unknown(PartnerFactor factor, const char* unit, int year) {
  PartnerFactorFinding finding;
  finding.factor = factor;
  finding.unit = unit;
  finding.year = year;
  return finding;
}

void Cite(const Provenance& provenance, PartnerFactorFinding& finding) {
  if (std::find(finding.provenances.begin(), finding.provenances.end(), provenance) == finding.provenances.end()) {
    finding.provenances.push_back(provenance);
  }
}

// Who is not named where nobody else can be has none.
void TakeShare(const Shares& shares, const std::string& country, PartnerFactorFinding& finding) {
  finding.scaled = PartOf(shares, country);
  finding.value = ShareOf(shares, country);
  if (std::string reason = InexactBecause(shares, country); !reason.empty()) {
    AddReason(std::move(reason), finding.reasons);
  } else if (!finding.value.has_value()) {
    finding.value = 0;
  }
}

}  // namespace

PartnerFactorFinding PartnerFactors::Endowment(const std::string& country) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kEndowment, "share of the world's reserves", 0);
  if (evidence_.reserves.empty()) {
    AddReason("NO_RESERVES", finding.reasons);
    return finding;
  }
  finding.year = evidence_.reserves.front().first->year;
  TakeShare(evidence_.reserve_shares, country, finding);
  for (const auto& [key, figure] : evidence_.reserves) {
    if (key->country == country) {
      Cite(figure->provenance, finding);
    }
  }
  return finding;
}

PartnerFactorFinding PartnerFactors::Output(const std::string& country) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kOutput, "share of the world's output", 0);
  if (evidence_.view.production.empty()) {
    AddReason("NO_OUTPUT", finding.reasons);
    return finding;
  }
  finding.year = evidence_.view.production.latest_year();
  TakeShare(evidence_.output, country, finding);
  for (const auto& [name, figure] : evidence_.view.production.In(finding.year)) {
    if (name == country) {
      Cite(figure->provenance, finding);
    }
  }
  return finding;
}

PartnerFactorFinding PartnerFactors::Governance(const std::string& country) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kGovernance, "mean of six estimates, -2.5 to 2.5", 0);
  const auto* fact = LatestGovernance(*evidence_.world.governance, country);
  const auto mean = fact == nullptr ? std::nullopt : MeanEstimate(fact->second.estimates);
  if (!mean.has_value()) {
    AddReason("GOVERNANCE_UNKNOWN", finding.reasons);
    return finding;
  }
  const double scaled = 1 - *GovernanceRisk(fact->second.estimates);
  finding.value = mean;
  finding.year = fact->first.year;
  finding.scaled = {scaled, scaled, scaled, {}};
  Cite(fact->second.provenance, finding);
  return finding;
}

PartnerFactorFinding PartnerFactors::Expertise(const std::string& country) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kExpertise, "mean share of the world's output", 0);
  if (evidence_.stages.empty()) {
    AddReason("NO_OUTPUT", finding.reasons);
    return finding;
  }
  finding.scaled = {0, 0, 0, {}};
  for (const ProductionSeries& output : evidence_.stages) {
    const double part = 1.0 / static_cast<double>(evidence_.stages.size() * output.years.size());
    for (const auto& [year, rows] : output.years) {
      const ScaledFactor share = PartOf(SharesOf(output.measure, output.PartsIn(year)), country);
      finding.scaled.value += part * share.value;
      finding.scaled.lower += part * share.lower;
      finding.scaled.upper += part * share.upper;
      for (const double open : share.of_open_wholes) {
        finding.scaled.of_open_wholes.push_back(part * open);
      }
      finding.year = std::max(finding.year, year);
      for (const auto& [name, figure] : rows) {
        if (name == country) {
          Cite(figure->provenance, finding);
        }
      }
    }
  }
  finding.scaled.upper = std::min(finding.scaled.upper, 1.0);
  finding.value = finding.scaled.value;
  if (finding.scaled.lower < finding.scaled.upper) {
    AddReason("OUTPUT_KNOWN_IN_PART", finding.reasons);
  }
  return finding;
}

PartnerFactorFinding PartnerFactors::Agreements(const std::string& country) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kAgreements, "trade factor t", YearOf(evidence_.policy.today));
  const TradeFactors& factors = evidence_.world.parameters.trade_factors;
  const Relation relation = RelationOf(country, evidence_.importer, evidence_.forms, evidence_.policy, factors);
  const double t = factors.Of(relation.kind);
  const double best = std::min(factors.member, factors.agreement);
  const double scaled = std::clamp((factors.worst() - t) / (factors.worst() - best), 0.0, 1.0);
  finding.value = t;
  finding.scaled = {scaled, scaled, scaled, {}};
  for (const std::string& name : OnOtherProducts(country, evidence_.importer, evidence_.forms, evidence_.policy)) {
    AddReason(absl::StrCat("OTHER_PRODUCT:", name), finding.reasons);
  }
  if (!relation.because.empty()) {
    finding.resources.push_back(relation.because);
    Cite(ProvenanceOf(evidence_.policy, relation.because), finding);
  }
  return finding;
}

PartnerFactorFinding PartnerFactors::FreeTonnes(const FreeSupply& supply) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kFreeTonnes, "t/year", evidence_.query.horizon_year);
  finding.value = supply.total();
  finding.provenances = supply.provenances;
  finding.resources = supply.resources;
  finding.reasons = supply.reasons;
  for (const std::string& barrier : supply.barriers) {
    AddReason(barrier, finding.reasons);
  }
  finding.ranked = {0, 0, 0, {}};
  if (!finding.value.has_value()) {
    AddReason("NO_HEADROOM_DATA", finding.reasons);
  } else if (!evidence_.imports_tonnes.has_value()) {
    AddReason("NO_TRADE", finding.reasons);
  } else {
    const double scaled = std::min(1.0, *finding.value / *evidence_.imports_tonnes);
    finding.on_scale = true;
    const double least = supply.limited ? 0 : scaled;
    finding.ranked = {scaled, least, scaled, {}};
    // What is left out, or not known, may be any amount.
    finding.scaled = {scaled, least, supply.reasons.empty() ? scaled : 1, {}};
  }
  return finding;
}

std::optional<Move> PartnerFactors::MoveTo(const std::string& country, std::optional<double> free_tonnes,
                                           const Unknowns& unknowns) const {
  if (!free_tonnes.has_value() || !evidence_.imports_tonnes.has_value()) {
    return std::nullopt;
  }
  SupplyMix mix;
  mix.concentration_of_others = unknowns.concentration_of_unnamed;
  for (const Share& share : evidence_.imports.named) {
    if (share.country != country) {
      mix.concentration_of_others +=
          evidence_.view.governance.Find(share.country).value_or(unknowns.governance) * share.value * share.value;
    }
  }
  mix.candidate_share = ShareOf(evidence_.imports, country).value_or(0);
  mix.candidate_risk = evidence_.view.governance.Find(country).value_or(evidence_.view.governance.imputed());
  return BestMove(mix, *free_tonnes / *evidence_.imports_tonnes);
}

ScaledFactor PartnerFactors::Fall(const std::string& country, double free_tonnes, double fall) const {
  if (!evidence_.view.governance.Find(country).has_value() || !evidence_.imports.unknown.empty()) {
    // Whatever else there is, H after is at least (1 - m)^2 of what it was, and m at most what is free of what is
    // known.
    const double rest = *evidence_.imports_tonnes * (1 - ShareOf(evidence_.imports, country).value_or(0));
    const double kept = free_tonnes < rest ? 1 - free_tonnes / rest : 0;
    return {fall, 0, std::max(fall, 1 - kept * kept), {}};
  }
  // Others could all be one country of the worst governance.
  const Unknowns most = {evidence_.view.governance.worst(),
                         evidence_.view.governance.worst() * evidence_.imports.other * evidence_.imports.other};
  const double lower = MoveTo(country, free_tonnes, {0, 0})->fall;
  const double upper = MoveTo(country, free_tonnes, most)->fall;
  return {fall, std::min(lower, fall), std::max(upper, fall), {}};
}

PartnerFactorFinding PartnerFactors::RiskFall(const std::string& country, const FreeSupply& supply) const {
  PartnerFactorFinding finding =
      Unknown(PartnerFactor::kRiskFall, "fall of hhi_governance of the imports", evidence_.query.horizon_year);
  finding.ranked = {0, 0, 0, {}};
  const std::optional<double> tonnes = supply.total();
  const std::optional<Move> move = MoveTo(country, tonnes);
  if (!move.has_value()) {
    AddReason(evidence_.imports_tonnes.has_value() ? "NO_HEADROOM_DATA" : "NO_TRADE", finding.reasons);
    return finding;
  }
  finding.value = move->fall;
  finding.on_scale = true;
  finding.provenances = supply.provenances;
  finding.resources = supply.resources;
  finding.reasons = supply.reasons;
  for (const std::string& barrier : supply.barriers) {
    AddReason(barrier, finding.reasons);
  }
  if (!evidence_.view.governance.Find(country).has_value()) {
    AddReason("GOVERNANCE_IMPUTED", finding.reasons);
  }
  for (const std::string& reason : evidence_.imports.reasons) {
    AddReason(reason, finding.reasons);
  }
  finding.ranked = Fall(country, *tonnes, move->fall);
  if (supply.limited) {
    finding.ranked.lower = 0;
  }
  finding.scaled = finding.ranked;
  if (!supply.reasons.empty()) {
    finding.scaled.upper = 1;
  }
  return finding;
}

std::optional<Move> PartnerFactors::MoveTo(const std::string& country, std::optional<double> free_tonnes) const {
  return MoveTo(country, free_tonnes, {evidence_.view.governance.imputed(), 0});
}

std::vector<PartnerFactorFinding> PartnerFactors::Of(const std::string& country, const FreeSupply& supply) const {
  std::vector<PartnerFactorFinding> findings;
  if (evidence_.Includes(PartnerFactor::kEndowment)) {
    findings.push_back(Endowment(country));
  }
  findings.insert(findings.end(), {Output(country), Governance(country), Expertise(country), Agreements(country)});
  for (PartnerFactorFinding& finding : findings) {
    finding.ranked = finding.scaled;
    finding.on_scale = finding.value.has_value();
  }
  findings.push_back(FreeTonnes(supply));
  findings.push_back(RiskFall(country, supply));
  return findings;
}

}  // namespace orewatch::risk
