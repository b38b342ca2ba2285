#include "services/risk/domain/supplier_risk.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/composite_scorer.h"
#include "services/risk/domain/ownership.h"

namespace orewatch::risk {
namespace {

constexpr double kHundred = 100;
// Taken for what may be anything between 0 and 100.
constexpr double kMiddle = 50;
constexpr double kGovernanceScale = 10;
constexpr double kHhiScale = 10'000;

const char* NameOf(FindingKind kind) {
  switch (kind) {
    case FindingKind::kSanctions:
      return "sanctions";
    case FindingKind::kForcedLabour:
      return "forced_labour";
    case FindingKind::kForeignEntityOfConcern:
      return "foreign_entity_of_concern";
    case FindingKind::kResponsibleSourcing:
      return "responsible_sourcing";
  }
  return "";
}

Estimate Anything(const std::string& reason) { return {kMiddle, 0, kHundred, {reason}}; }

void AddReasons(const Reasons& reasons, Reasons& to) {
  for (const std::string& reason : reasons) {
    AddReason(reason, to);
  }
}

// As risky as the riskier; of which nothing was known before is what comes.
void Worsen(const Estimate& by, std::optional<Estimate>& worst) {
  if (!worst.has_value()) {
    worst = by;
    return;
  }
  worst->value = std::max(*worst->value, *by.value);
  worst->lower = std::max(worst->lower, by.lower);
  worst->upper = std::max(*worst->upper, *by.upper);
  AddReasons(by.reasons, worst->reasons);
}

// Adds a part of a whole.
void AddPart(double share, const Estimate& risk, Estimate& sum) {
  *sum.value += share * *risk.value;
  sum.lower += share * risk.lower;
  *sum.upper += share * *risk.upper;
  AddReasons(risk.reasons, sum.reasons);
}

ParameterSet EchoOf(const SupplierRiskParameters& parameters) {
  constexpr char kOurs[] = "docs/methods/suppliers.md: a judgement of this suite's authors";
  return {parameters.name,
          parameters.edition,
          {{"weight_place", parameters.place, "", kOurs},
           {"weight_control", parameters.control, "", kOurs},
           {"weight_findings", parameters.findings, "", kOurs},
           {"weight_handled", parameters.handled, "", kOurs},
           {"weight_sources", parameters.sources, "", kOurs}}};
}

class SupplierScorer {
 public:
  SupplierScorer(const ChainView& view, const Model& model, const std::string& name,
                 const SupplierRiskParameters& parameters)
      : view_(view), model_(model), name_(name), parameters_(parameters) {
    score_.key.subject = name;
    score_.key.method = Method::kOrewatchSupplier2026;
    score_.parameters = EchoOf(parameters);
    if (view.Facility(name) != nullptr) {
      facilities_.insert(name);
    } else {
      facilities_ = view.FacilitiesOf(name);
    }
  }
  std::optional<Score> Run(LinkBudget& budget);

 private:
  // On 0 to 100.
  Estimate RiskOf(const std::string& country);
  Estimate RiskOf(CountryIndex country) { return RiskOf(country == kUnknownCountry ? "" : CountryCodeOf(country)); }
  Estimate Place();
  Estimate Control();
  Estimate Findings();
  Estimate Handled();
  // Nothing: the budget did not suffice.
  std::optional<Estimate> Sources(LinkBudget& budget);
  // What comes in at the tier; `own`: what begins with the node itself, at the first.
  Estimate RiskOf(const TierShares& tier, double own, const std::string& place);
  void AddInput(const std::string& role, const std::string& country, std::optional<double> value,
                const Provenance& provenance = {});

  const ChainView& view_;
  const Model& model_;
  const std::string name_;
  const SupplierRiskParameters& parameters_;
  std::set<std::string> facilities_;
  Score score_;
};

void SupplierScorer::AddInput(const std::string& role, const std::string& country, std::optional<double> value,
                              const Provenance& provenance) {
  Input input;
  input.role = role;
  input.country = country;
  input.value = value;
  input.figure.provenance = provenance;
  score_.inputs.push_back(std::move(input));
}

Estimate SupplierScorer::RiskOf(const std::string& country) {
  if (country.empty()) {
    return Anything("PLACE_UNKNOWN");
  }
  const auto score = model_.Find({absl::StrCat("countries/", country), 0, "", Method::kCountryGovernance});
  const Estimate& governance = score->estimate;
  if (!governance.value.has_value()) {
    return Anything(absl::StrCat("GOVERNANCE_IMPUTED:", country));
  }
  score_.reference_year = std::max(score_.reference_year, score->reference_year);
  constexpr double kFactor = kHundred / kGovernanceScale;
  return {kFactor * *governance.value, kFactor * governance.lower,
          kFactor * governance.upper.value_or(kGovernanceScale), governance.reasons};
}

Estimate SupplierScorer::Place() {
  std::map<std::string, Provenance> countries;
  for (const std::string& name : facilities_) {
    const FacilityFact& facility = *view_.Facility(name);
    countries.emplace(facility.country, facility.provenance);
  }
  if (const SupplierFact* supplier = view_.Supplier(name_); supplier != nullptr) {
    countries.emplace(supplier->country, supplier->provenance);
  }
  std::optional<Estimate> worst;
  for (const auto& [country, provenance] : countries) {
    const Estimate risk = RiskOf(country);
    AddInput("place_of", country, *risk.value, provenance);
    Worsen(risk, worst);
  }
  return worst.value_or(Anything("PLACE_UNKNOWN"));
}

Estimate SupplierScorer::Control() {
  const UltimateOwners owners = UltimateOwnersOf(view_, name_);
  Estimate sum{0.0, 0, 0.0, {}};
  for (const auto& [country, share] : owners.shares) {
    AddInput("ultimate_owner", CountryCodeOf(country), share);
    AddPart(share, RiskOf(country), sum);
  }
  // Less is the noise of adding shares up.
  constexpr double kLeast = 1e-9;
  if (owners.unknown > kLeast) {
    AddPart(owners.unknown, Anything("OWNERS_UNKNOWN"), sum);
  }
  return sum;
}

Estimate SupplierScorer::Findings() {
  const SupplierFact* supplier = view_.Supplier(SupplierOf(name_));
  if (supplier == nullptr) {
    return FindingsRisk({});
  }
  for (const FindingFact& finding : supplier->findings) {
    AddInput(absl::StrCat("finding_", NameOf(finding.kind)), "", finding.adverse ? kHundred : 0, finding.provenance);
  }
  return FindingsRisk(supplier->findings);
}

Estimate SupplierScorer::Handled() {
  std::set<SeriesId> handled;
  for (const std::string& name : facilities_) {
    for (const FacilityOutput& output : view_.Facility(name)->outputs) {
      handled.insert({output.mineral, output.stage});
    }
  }
  std::optional<Estimate> worst;
  for (const SeriesId& id : handled) {
    const Score& hhi = *model_.Find({id.mineral, id.stage, "", Method::kHhiGovernance});
    Estimate risk = Anything(absl::StrCat("CONCENTRATION_UNKNOWN:", id.mineral.substr(id.mineral.find('/') + 1)));
    if (hhi.estimate.value.has_value()) {
      risk = hhi.estimate;
      risk.upper = risk.upper.value_or(kHhiScale);
      Scale(kHundred / kHhiScale, risk);
    }
    AddInput(absl::StrCat("handles_", id.mineral.substr(id.mineral.find('/') + 1)), "", risk.value);
    Worsen(risk, worst);
  }
  return worst.value_or(Anything("OUTPUTS_UNKNOWN"));
}

Estimate SupplierScorer::RiskOf(const TierShares& tier, double own, const std::string& place) {
  Estimate sum{0.0, 0, 0.0, {}};
  for (const CountryShare& share : tier.countries) {
    AddPart(share.verified + share.inferred, RiskOf(share.country), sum);
  }
  if (own > 0) {
    AddPart(own, RiskOf(place), sum);
  }
  if (tier.unknown > 0) {
    AddPart(tier.unknown, Anything("SOURCES_UNKNOWN"), sum);
  }
  return sum;
}

std::optional<Estimate> SupplierScorer::Sources(LinkBudget& budget) {
  std::set<std::string> nodes = facilities_;
  nodes.insert(name_);
  ExposureReader exposures(view_);
  std::optional<Estimate> worst;
  for (const std::string& node : nodes) {
    const FacilityFact* facility = view_.Facility(node);
    const std::string place = facility == nullptr ? "" : facility->country;
    for (const std::string& mineral : view_.MineralsOf(node)) {
      const auto exposure = exposures.Of({node, mineral}, "", budget);
      if (!exposure.has_value()) {
        return std::nullopt;
      }
      for (const TierShares& tier : exposure->tiers) {
        // What begins nearer counts there.
        const bool first = &tier == &exposure->tiers.front();
        Worsen(RiskOf(tier, first ? tier.own : 0, place), worst);
      }
    }
  }
  return worst.value_or(Anything("SOURCES_UNKNOWN"));
}

std::optional<Score> SupplierScorer::Run(LinkBudget& budget) {
  std::vector<Dimension> dimensions = {{"place", parameters_.place, Place()},
                                       {"control", parameters_.control, Control()},
                                       {"findings", parameters_.findings, Findings()},
                                       {"handled", parameters_.handled, Handled()}};
  auto sources = Sources(budget);
  if (!sources.has_value()) {
    return std::nullopt;
  }
  dimensions.push_back({"sources", parameters_.sources, *std::move(sources)});
  score_.estimate = CompositeRisk(dimensions);
  ExplainDimensions(dimensions, score_);
  score_.band = BandOf(score_.estimate, score_.key.method, model_.parameters().thresholds);
  return std::move(score_);
}

}  // namespace

Estimate FindingsRisk(const std::vector<FindingFact>& findings) {
  std::map<FindingKind, const FindingFact*> latest;
  for (const FindingFact& finding : findings) {
    const FindingFact*& kept = latest[finding.kind];
    if (kept == nullptr || std::tie(finding.date, finding.adverse) > std::tie(kept->date, kept->adverse)) {
      kept = &finding;
    }
  }
  Estimate risk{0.0, 0, 0.0, {}};
  for (const FindingKind kind : kFindingKinds) {
    const auto found = latest.find(kind);
    if (found == latest.end()) {
      AddPart(1.0 / kFindingKinds.size(), Anything(absl::StrCat("FINDING_UNKNOWN:", NameOf(kind))), risk);
      // Any one of them would be enough.
      risk.upper = kHundred;
    } else if (found->second->adverse) {
      return {kHundred, kHundred, kHundred, {}};
    }
  }
  return risk;
}

std::optional<Score> SupplierRisk(const ChainView& view, const Model& model, const std::string& name,
                                  const SupplierRiskParameters& parameters, LinkBudget& budget) {
  return SupplierScorer(view, model, name, parameters).Run(budget);
}

}  // namespace orewatch::risk
