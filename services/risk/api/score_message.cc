#include "services/risk/api/score_message.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/risk/api/assumptions.h"
#include "services/risk/domain/score_record.h"

namespace orewatch::risk {
namespace {

struct MethodText {
  const char* scale;
  const char* formula;
  const char* reference;
};

MethodText TextOf(Method method) {
  switch (method) {
    case Method::kHhi:
      return {"0 to 10000", "10000 * sum(share^2); other countries count in the whole and are infinitely split",
              "Herfindahl-Hirschman index; US DOJ and FTC, Merger Guidelines, 2023, guideline 1"};
    case Method::kHhiGovernance:
      return {"0 to 10000", "10000 * sum(share^2 * clip((2.5 - mean of six WGI estimates) / 5, 0, 1))",
              "World Bank, Worldwide Governance Indicators; weighting as in the EU criticality methodology"};
    case Method::kEuSupplyRisk2017:
      return {"about 0 to 10, critical at 1",
              "(GS * IR/2 + sourcing * (1 - IR/2)) * (1 - EoL-RIR) * SI, each half sum(share^2 * WGI * t)",
              "European Commission, Methodology for establishing the EU list of critical raw materials, 2017"};
    case Method::kEuEconomicImportance2017:
      return {"0 to 10, critical at 2.8 with a supply risk of 1",
              "10 * sum(share of end use * value added of its sector) / largest value added of a sector * SI",
              "European Commission, Methodology for establishing the EU list of critical raw materials, 2017"};
    case Method::kGeoPolRisk2024:
      return {
          "0 to 1", "HHI * sum(import * clip((2.5 - WGI political stability) / 5, 0, 1)) / (own output + imports)",
          "Koyamparambath et al. 2024, Resources, Conservation & Recycling 209:107801; Gemechu et al. 2015, Journal "
          "of Industrial Ecology 20:154-165"};
    case Method::kUsgs2020:
      return {"0 to 1",
              "(sum(share^2 * likelihood of disruption) * net import reliance * economic vulnerability)^(1/3)",
              "Nassar et al. 2020, Science Advances 6:eaay8647"};
    case Method::kYale2015:
      return {"0 to 100", "mean of ((DT + CF) / 2, (PPI + HDI) / 2, (WGI_PV + GSC) / 2), over the indicators at hand",
              "Graedel et al. 2012, Environ. Sci. Technol. 46:1063-1070; Graedel et al. 2015, PNAS 112:4257-4262"};
    case Method::kStockCover:
      return {"days, more is better", "stock / (annual use / 365), as its source gives it",
              "IEA policies 16639 (Japan) and 17940 (Republic of Korea)"};
    case Method::kOrewatch2026:
      return {"0 to 100",
              "weighted mean of concentration, governance, sourcing, stocks, recycling and substitution, each 0 to 100",
              "docs/methods/orewatch.md"};
    case Method::kOrewatchSupplier2026:
      return {"0 to 100", "weighted mean of place, control, findings, handled and sources, each 0 to 100",
              "docs/methods/suppliers.md"};
    case Method::kHhiNormalized:
      return {"0 to 1", "(H - 1/n) / (1 - 1/n), H = sum(share^2)",
              "Herfindahl-Hirschman index, normalised to 0 at an even split over n suppliers"};
    case Method::kHhiGovernanceExports:
      return {"0 to 10000",
              "10000 * sum(share of the exports that are known^2 * clip((2.5 - mean of six WGI estimates) / 5, 0, 1))",
              "World Bank, Worldwide Governance Indicators; weighting as in the EU criticality methodology"};
    case Method::kHhiOwnership:
      return {
          "0 to 10000",
          "10000 * sum(share of output by country of ultimate owner^2); facilities make their capacity, those of a "
          "country together at most its output; what has no known owner counts in the whole and is infinitely split",
          "Herfindahl-Hirschman index; docs/methods/hhi.md"};
    case Method::kCountryGovernance:
      return {"0 to 10, 10 worst", "10 * (2.5 - mean of the six estimates) / 5",
              "World Bank, Worldwide Governance Indicators"};
  }
  return {"", "", ""};
}

void FillCompleteness(const Estimate& estimate, type::v1::Completeness& completeness) {
  using type::v1::Completeness;
  if (!estimate.value.has_value()) {
    completeness.set_state(Completeness::STATE_UNSET);
  } else {
    completeness.set_state(estimate.reasons.empty() ? Completeness::STATE_COMPLETE : Completeness::STATE_INCOMPLETE);
  }
  completeness.mutable_reasons()->Assign(estimate.reasons.begin(), estimate.reasons.end());
}

void FillQuantity(const Input& input, type::v1::Quantity& quantity) {
  if (input.figure.amount.has_value()) {
    input.figure.measure == Measure::kTonnes ? quantity.set_tonnes(*input.figure.amount)
                                             : quantity.set_share(*input.figure.amount);
  } else if (input.figure.withheld) {
    quantity.set_withheld(true);
  }
  quantity.set_basis(static_cast<type::v1::Basis>(input.basis));
  quantity.set_scope(input.scope);
  quantity.set_estimated(input.figure.estimated);
}

void FillInput(const Input& input, v1::ScoreInput& message) {
  message.set_role(input.role);
  message.set_country(input.country);
  // Only production and trade are quantities.
  if (input.basis != 0) {
    FillQuantity(input, *message.mutable_quantity());
  }
  if (input.value.has_value()) {
    message.set_value(*input.value);
  }
  if (input.contribution.has_value()) {
    message.set_contribution(*input.contribution);
  }
  message.set_year(input.year);
  message.set_dataset(input.dataset);
  message.set_facility(input.facility);
  const Provenance& provenance = input.figure.provenance;
  if (input.figure.value_usd.has_value()) {
    message.set_value_usd(*input.figure.value_usd);
  }
  message.mutable_provenance()->set_source(provenance.source);
  message.mutable_provenance()->set_as_of(provenance.as_of);
  message.mutable_provenance()->set_licence(provenance.licence);
}

// The service's own; a caller's parameters of a method are named behind it.
std::string SetNameOf(const Score& score, const Parameters& own) {
  const std::string& of_method = score.parameters.name;
  const bool of_hhi = score.key.method == Method::kHhi || score.key.method == Method::kHhiNormalized;
  const bool callers = (score.key.method == Method::kGeoPolRisk2024 && of_method != own.geopolrisk.name) ||
                       (of_hhi && of_method != own.hhi.name);
  return callers ? absl::StrCat(own.name, "+", of_method) : own.name;
}

void FillComponents(const Score& score, v1::Score& message) {
  for (const Component& component : score.components) {
    v1::ScoreComponent& filled = *message.add_components();
    filled.set_name(component.name);
    filled.set_unit(component.unit);
    if (component.estimate.value.has_value()) {
      filled.set_value(*component.estimate.value);
      filled.mutable_bounds()->set_lower(component.estimate.lower);
    }
    // Bounds may be known where the value is not.
    if (component.estimate.upper.has_value()) {
      filled.mutable_bounds()->set_lower(component.estimate.lower);
      filled.mutable_bounds()->set_upper(*component.estimate.upper);
    }
  }
}

// Without references, which are the same in every answer.
void FillParameters(const ParameterSet& parameters, v1::ParameterSet& message) {
  message.set_name(parameters.name);
  message.set_edition(parameters.edition);
  for (const Parameter& parameter : parameters.parameters) {
    v1::Parameter& filled = *message.add_parameters();
    filled.set_name(parameter.name);
    if (parameter.number.has_value()) {
      filled.set_number(*parameter.number);
    }
    filled.set_text(parameter.text);
  }
}

void FillReferences(const ParameterSet& parameters, v1::ParameterSet& message) {
  for (int i = 0; i < message.parameters_size(); ++i) {
    message.mutable_parameters(i)->set_reference(parameters.parameters[static_cast<size_t>(i)].reference);
  }
}

// The largest first, then what has none; of equals in the order given.
std::vector<const Input*> ByContribution(const std::vector<Input>& inputs) {
  std::vector<const Input*> ordered;
  ordered.reserve(inputs.size());
  for (const Input& input : inputs) {
    ordered.push_back(&input);
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Input* a, const Input* b) { return a->contribution > b->contribution; });
  return ordered;
}

}  // namespace

type::v1::Revision RevisionOf(const Snapshot& snapshot, int64_t number) {
  type::v1::Revision revision;
  revision.set_lineage(snapshot.lineage);
  revision.set_number(number);
  return revision;
}

v1::ScoreKey MessageOf(const ScoreKey& key) {
  v1::ScoreKey message;
  message.set_subject(key.subject);
  message.set_stage(static_cast<type::v1::Stage>(key.stage));
  message.set_importer(key.importer);
  message.set_method(static_cast<v1::Method>(key.method));
  message.set_normalization_n(key.normalization_n);
  return message;
}

ScoreKey KeyOf(const v1::ScoreKey& key) {
  return {key.subject(), key.stage(), key.importer(), static_cast<Method>(key.method()), key.normalization_n()};
}

v1::ScoreInput MessageOf(const Input& input) {
  v1::ScoreInput message;
  FillInput(input, message);
  return message;
}

v1::Score MessageOf(const Score& score, const Snapshot& snapshot) {
  v1::Score message;
  *message.mutable_key() = MessageOf(score.key);
  if (score.estimate.value.has_value()) {
    message.set_value(*score.estimate.value);
    message.mutable_bounds()->set_lower(score.estimate.lower);
    if (score.estimate.upper.has_value()) {
      message.mutable_bounds()->set_upper(*score.estimate.upper);
    }
  }
  message.set_band(static_cast<v1::Band>(score.band));
  FillCompleteness(score.estimate, *message.mutable_completeness());
  message.set_reference_year(score.reference_year);
  message.set_edition(EditionOf(score.key.method));
  message.set_parameter_set(SetNameOf(score, snapshot.model->parameters()));
  FillComponents(score, message);
  if (!score.parameters.name.empty()) {
    FillParameters(score.parameters, *message.mutable_parameters());
  }
  *message.mutable_changed_revision() = RevisionOf(snapshot, score.changed_revision);
  *message.mutable_revision() = RevisionOf(snapshot, snapshot.model->revision());
  message.set_top_country(score.top_country);
  if (score.top_share.has_value()) {
    message.set_top_share(*score.top_share);
  }
  message.set_bottleneck(score.bottleneck);
  message.set_known_stages(score.known_stages);
  message.mutable_hs6()->Assign(score.hs6.begin(), score.hs6.end());
  message.mutable_notes()->Assign(score.notes.begin(), score.notes.end());
  message.set_change_cause(static_cast<v1::ChangeCause>(score.change_cause));
  return message;
}

v1::ScoreExplanation ExplanationOf(const Score& score, const Snapshot& snapshot) {
  v1::ScoreExplanation explanation;
  *explanation.mutable_score() = MessageOf(score, snapshot);
  if (explanation.score().has_parameters()) {
    FillReferences(score.parameters, *explanation.mutable_score()->mutable_parameters());
  }
  const MethodText text = TextOf(score.key.method);
  explanation.set_formula(text.formula);
  explanation.set_reference(text.reference);
  explanation.set_scale(text.scale);
  for (std::string& assumption : AssumptionsOf(score)) {
    explanation.add_assumptions(std::move(assumption));
  }
  for (const Input* input : ByContribution(score.inputs)) {
    FillInput(*input, *explanation.add_inputs());
  }
  return explanation;
}

absl::Status ScoreNotKept() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "SCORE_NOT_KEPT",
                   "the score is computed on request; history is kept of those that are kept current alone");
}

}  // namespace orewatch::risk
