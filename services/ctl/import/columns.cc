#include "services/ctl/import/columns.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace orewatch::ctl {
namespace {

constexpr Column kMinerals[] = {
    {"mineral", "", Cell::kId, Need::kCell},
    {"display_name", "display_name", Cell::kText, Need::kColumn},
    {"kind", "kind", Cell::kText, Need::kColumn},
    {"members", "members", Cell::kMineral},
    {"critical_lists", "critical_lists"},
    {"product", "traded_forms.product"},
    {"stage", "traded_forms.stage"},
    {"hs6", "traded_forms.hs6", Cell::kHs6},
    {"main_form", "traded_forms.main", Cell::kGroupFlag},
    {"contained_share", "traded_forms.contained_share"},
    {"form_source", "traded_forms.provenance.source"},
    {"form_as_of", "traded_forms.provenance.as_of"},
    {"form_licence", "traded_forms.provenance.licence"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kCountries[] = {
    {"country", "", Cell::kCountryCode, Need::kCell},
    {"display_name", "display_name", Cell::kText, Need::kColumn},
    {"iso3", "alpha3"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kBlocs[] = {
    {"bloc", "", Cell::kId, Need::kCell},
    {"display_name", "display_name", Cell::kText, Need::kColumn},
    {"country", "memberships.country", Cell::kCountry, Need::kColumn},
    {"from", "memberships.from"},
    {"to", "memberships.to"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kSuppliers[] = {
    {"supplier", "", Cell::kId, Need::kCell},
    {"display_name", "display_name", Cell::kText, Need::kColumn},
    {"legal_name", "legal_name"},
    {"aliases", "aliases"},
    {"country", "country", Cell::kCountry, Need::kColumn},
    {"lei", "identifiers", Cell::kMapValue},
    {"ticker", "identifiers", Cell::kMapValue},
    {"jp_corporate_number", "identifiers", Cell::kMapValue},
    {"kr_business_number", "identifiers", Cell::kMapValue},
    {"cn_uscc", "identifiers", Cell::kMapValue},
    {"other_identifiers", "identifiers", Cell::kMapRest},
    {"owner", "owners.display_name"},
    {"owner_supplier", "owners.supplier", Cell::kParticipant},
    {"owner_country", "owners.country", Cell::kCountry},
    {"owner_share", "owners.share"},
    {"state_owned", "owners.state", Cell::kGroupFlag},
    {"ultimate", "owners.ultimate", Cell::kGroupFlag},
    {"finding", "findings.kind"},
    {"finding_adverse", "findings.adverse", Cell::kGroupFlag},
    {"finding_date", "findings.date"},
    {"finding_source", "findings.provenance.source"},
    {"finding_as_of", "findings.provenance.as_of"},
    {"finding_licence", "findings.provenance.licence"},
    {"visible_to_owner", "visibility.owner"},
    {"visible_to_readers", "visibility.readers"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kFacilities[] = {
    {"supplier", "", Cell::kId, Need::kCell},
    {"facility", "", Cell::kId, Need::kCell},
    {"display_name", "display_name", Cell::kText, Need::kColumn},
    {"country", "country", Cell::kCountry, Need::kColumn},
    {"latitude", "latitude"},
    {"longitude", "longitude"},
    {"status", "status"},
    {"operator", "operator", Cell::kParticipant},
    {"mineral", "outputs.mineral", Cell::kMineral, Need::kColumn},
    {"stage", "outputs.stage", Cell::kText, Need::kColumn},
    {"product", "outputs.product"},
    {"grade", "outputs.grade"},
    {"capacity_tonnes_per_year", "outputs.capacity_tonnes_per_year"},
    {"spare_capacity_tonnes_per_year", "outputs.spare_capacity_tonnes_per_year"},
    {"basis", "outputs.basis"},
    {"host_mineral", "outputs.host_mineral", Cell::kMineral},
    {"input_mineral", "inputs.mineral", Cell::kMineral},
    {"input_product", "inputs.product"},
    {"input_grade", "inputs.grade"},
    {"use_tonnes_per_day", "inputs.use_tonnes_per_day"},
    {"stock_tonnes", "inputs.stock_tonnes"},
    {"essential", "inputs.essential"},
    {"qualified_alternates", "inputs.qualified_alternates", Cell::kParticipant},
    {"months_to_qualify", "inputs.months_to_qualify"},
    {"owner", "owners.display_name"},
    {"owner_supplier", "owners.supplier", Cell::kParticipant},
    {"owner_country", "owners.country", Cell::kCountry},
    {"owner_share", "owners.share"},
    {"state_owned", "owners.state", Cell::kGroupFlag},
    {"ultimate", "owners.ultimate", Cell::kGroupFlag},
    {"visible_to_owner", "visibility.owner"},
    {"visible_to_readers", "visibility.readers"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kLinks[] = {
    {"link", "", Cell::kId, Need::kCell},
    {"from_facility", "from", Cell::kParticipant, Need::kCell},
    {"to", "to", Cell::kParticipant, Need::kCell},
    {"mineral", "mineral", Cell::kMineral, Need::kCell},
    {"product", "product"},
    {"tonnes_per_year", "tonnes_per_year"},
    {"share", "share"},
    {"verification", "verification"},
    {"confidence", "confidence"},
    {"contract", "contract.title"},
    {"contract_announced", "contract.announced"},
    {"contract_start", "contract.start"},
    {"contract_end", "contract.end"},
    {"contract_tonnes_per_year", "contract.tonnes_per_year"},
    {"contract_total_tonnes", "contract.total_tonnes"},
    {"contract_source", "contract.provenance.source"},
    {"contract_as_of", "contract.provenance.as_of"},
    {"contract_licence", "contract.provenance.licence"},
    {"visible_to_owner", "visibility.owner"},
    {"visible_to_readers", "visibility.readers"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kProjects[] = {
    {"project", "", Cell::kId, Need::kCell},
    {"display_name", "display_name", Cell::kText, Need::kColumn},
    {"country", "country", Cell::kCountry, Need::kColumn},
    {"mineral", "mineral", Cell::kMineral, Need::kColumn},
    {"stage", "stage", Cell::kText, Need::kColumn},
    {"status", "status"},
    {"sponsors", "sponsors", Cell::kParticipants},
    {"agency", "commitments.agency"},
    {"agency_country", "commitments.country", Cell::kCountry},
    {"instrument", "commitments.instrument"},
    {"amount_committed", "commitments.amount_committed"},
    {"amount_disbursed", "commitments.amount_disbursed"},
    {"currency", "commitments.currency"},
    {"committed_on", "commitments.committed"},
    {"next_decision", "commitments.next_decision"},
    {"lapse", "commitments.lapse"},
    {"commitment_source", "commitments.provenance.source"},
    {"commitment_as_of", "commitments.provenance.as_of"},
    {"commitment_licence", "commitments.provenance.licence"},
    {"milestone", "milestones.title", Cell::kText, Need::kOptional, "start of production"},
    {"planned_start", "milestones.planned"},
    {"actual_start", "milestones.actual"},
    {"partners", "partners", Cell::kParticipants},
    {"stakeholder", "engagements.stakeholder"},
    {"stakeholder_name", "engagements.display_name"},
    {"engagement", "engagements.form"},
    {"engagement_date", "engagements.date"},
    {"engagement_outcome", "engagements.outcome"},
    {"engagement_summary", "engagements.summary"},
    {"engagement_source", "engagements.provenance.source"},
    {"engagement_as_of", "engagements.provenance.as_of"},
    {"engagement_licence", "engagements.provenance.licence"},
    {"visible_to_owner", "visibility.owner"},
    {"visible_to_readers", "visibility.readers"},
    {"as_of", "provenance.as_of"},
    {"as_of", "commitments.provenance.as_of", Cell::kGroupText, Need::kOptional, {}, "commitment_source"},
    {"licence", "provenance.licence"},
    {"licence", "commitments.provenance.licence", Cell::kGroupText, Need::kOptional, {}, "commitment_source"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
    {"source", "commitments.provenance.source", Cell::kGroupText, Need::kOptional, {}, "commitment_source"},
};

constexpr Column kAgreements[] = {
    {"agreement", "", Cell::kId, Need::kCell},
    {"display_name", "display_name", Cell::kText, Need::kColumn},
    {"kind", "kind", Cell::kText, Need::kColumn},
    {"parties", "parties", Cell::kParty, Need::kColumn},
    {"signed", "signed"},
    {"in_force", "in_force"},
    {"ended", "ended"},
    {"minerals", "minerals", Cell::kMineral},
    {"visible_to_owner", "visibility.owner"},
    {"visible_to_readers", "visibility.readers"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kMeasures[] = {
    {"measure", "", Cell::kId, Need::kCell},
    {"display_name", "display_name", Cell::kText, Need::kColumn},
    {"imposer", "imposer", Cell::kCountry, Need::kCell},
    {"kind", "kind", Cell::kText, Need::kColumn},
    {"mineral", "mineral", Cell::kMineral, Need::kColumn},
    {"product", "product"},
    {"stage", "stage"},
    {"hs6", "hs6", Cell::kHs6},
    {"destinations", "destinations", Cell::kParty},
    {"announced", "announced"},
    {"effective", "effective"},
    {"suspended", "suspended"},
    {"suspended_until", "suspended_until"},
    {"ended", "ended"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kStockpiles[] = {
    {"stockpile", "", Cell::kId, Need::kCell},
    {"display_name", "display_name", Cell::kText, Need::kColumn},
    {"country", "country", Cell::kCountry, Need::kCell},
    {"agency", "agency"},
    {"mineral_class", "mineral_class"},
    {"minerals", "minerals", Cell::kMineral},
    {"target_days", "target_days"},
    {"held_days", "held_days"},
    {"denominator", "denominator"},
    {"visible_to_owner", "visibility.owner"},
    {"visible_to_readers", "visibility.readers"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kRequirements[] = {
    {"requirement", "", Cell::kId, Need::kCell},
    {"holder", "holder", Cell::kHolder, Need::kCell},
    {"mineral", "mineral", Cell::kMineral, Need::kCell},
    {"product", "product"},
    {"stage", "stage"},
    {"year", "year", Cell::kText, Need::kCell},
    {"quantity_tonnes", "quantity.tonnes", Cell::kText, Need::kColumn},
    {"share", "quantity.share"},
    {"withheld", "quantity.withheld"},
    {"estimated", "quantity.estimated"},
    {"basis", "quantity.basis", Cell::kText, Need::kColumn},
    {"scope", "quantity.scope"},
    {"visible_to_owner", "visibility.owner"},
    {"visible_to_readers", "visibility.readers"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kEvents[] = {
    {"event", "", Cell::kId, Need::kCell},
    {"display_name", "display_name", Cell::kText, Need::kColumn},
    {"kind", "kind", Cell::kText, Need::kColumn},
    {"description", "description"},
    {"country", "country", Cell::kCountry, Need::kColumn},
    {"place", "place"},
    {"latitude", "latitude"},
    {"longitude", "longitude"},
    {"began", "began", Cell::kText, Need::kColumn},
    {"ended", "ended"},
    {"verification", "verification"},
    {"subject", "impacts.subject", Cell::kText, Need::kColumn},
    {"status", "impacts.status", Cell::kText, Need::kColumn},
    {"since", "impacts.since"},
    {"lost_share", "impacts.lost_share"},
    {"impact_source", "impacts.provenance.source"},
    {"impact_as_of", "impacts.provenance.as_of"},
    {"impact_licence", "impacts.provenance.licence"},
    {"visible_to_owner", "visibility.owner"},
    {"visible_to_readers", "visibility.readers"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kProduction[] = {
    {"mineral", "production.mineral", Cell::kMineral, Need::kCell},
    {"stage", "production.stage", Cell::kText, Need::kCell},
    {"country", "production.country", Cell::kCountryCode, Need::kCell},
    {"year", "year", Cell::kText, Need::kCell},
    {"quantity_tonnes", "quantity.tonnes", Cell::kText, Need::kColumn},
    {"share", "quantity.share"},
    {"withheld", "quantity.withheld"},
    {"estimated", "quantity.estimated"},
    {"basis", "quantity.basis", Cell::kText, Need::kColumn},
    {"dataset", "dataset", Cell::kText, Need::kCell},
    {"scope", "quantity.scope"},
    {"product", "production.product"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kReserves[] = {
    {"mineral", "reserves.mineral", Cell::kMineral, Need::kCell},
    {"classification", "reserves.classification", Cell::kText, Need::kCell},
    {"country", "reserves.country", Cell::kCountryCode, Need::kCell},
    {"year", "year", Cell::kText, Need::kCell},
    {"quantity_tonnes", "quantity.tonnes", Cell::kText, Need::kColumn},
    {"share", "quantity.share"},
    {"withheld", "quantity.withheld"},
    {"estimated", "quantity.estimated"},
    {"basis", "quantity.basis", Cell::kText, Need::kColumn},
    {"dataset", "dataset", Cell::kText, Need::kCell},
    {"scope", "quantity.scope"},
    {"product", "reserves.product"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kTrade[] = {
    {"mineral", "trade.mineral", Cell::kMineral, Need::kCell},
    {"product", "trade.product"},
    {"stage", "trade.stage", Cell::kText, Need::kColumn},
    {"hs6", "trade.hs6", Cell::kHs6, Need::kCell},
    {"exporter", "trade.exporter", Cell::kCountryCode, Need::kCell},
    {"importer", "trade.importer", Cell::kCountryCode, Need::kCell},
    {"year", "year", Cell::kText, Need::kCell},
    {"quantity_tonnes", "quantity.tonnes", Cell::kText, Need::kColumn},
    {"share", "quantity.share"},
    {"withheld", "quantity.withheld"},
    {"estimated", "quantity.estimated"},
    {"value_usd", "trade.value_usd"},
    {"basis", "quantity.basis", Cell::kText, Need::kColumn},
    {"dataset", "dataset", Cell::kText, Need::kCell},
    {"scope", "quantity.scope"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kGovernance[] = {
    {"country", "governance.country", Cell::kCountryCode, Need::kCell},
    {"year", "year", Cell::kText, Need::kCell},
    {"voice_accountability", "governance.voice_accountability", Cell::kText, Need::kColumn},
    {"political_stability", "governance.political_stability", Cell::kText, Need::kColumn},
    {"government_effectiveness", "governance.government_effectiveness", Cell::kText, Need::kColumn},
    {"regulatory_quality", "governance.regulatory_quality", Cell::kText, Need::kColumn},
    {"rule_of_law", "governance.rule_of_law", Cell::kText, Need::kColumn},
    {"control_of_corruption", "governance.control_of_corruption", Cell::kText, Need::kColumn},
    {"dataset", "dataset", Cell::kText, Need::kOptional, "wgi"},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

constexpr Column kIndicators[] = {
    {"subject", "indicator.subject", Cell::kText, Need::kCell},
    {"indicator", "indicator.indicator", Cell::kText, Need::kCell},
    {"year", "year", Cell::kText, Need::kCell},
    {"value", "indicator.value", Cell::kText, Need::kColumn},
    {"unit", "indicator.unit"},
    {"region", "indicator.region"},
    {"dataset", "dataset", Cell::kText, Need::kCell},
    {"as_of", "provenance.as_of"},
    {"licence", "provenance.licence"},
    {"source", "provenance.source", Cell::kText, Need::kColumn},
};

}  // namespace

absl::Span<const FileKind> FileKinds() {
  static const auto* const kinds = new std::vector<FileKind>{
      {"minerals", "mineral", "", {"minerals"}, kMinerals},
      {"countries", "country", "", {"countries"}, kCountries},
      {"blocs", "bloc", "", {"blocs"}, kBlocs},
      {"suppliers", "supplier", "", {"suppliers"}, kSuppliers},
      {"facilities", "facility", "", {"suppliers", "facilities"}, kFacilities},
      {"links", "link", "", {"links"}, kLinks},
      {"projects", "project", "", {"projects"}, kProjects},
      {"agreements", "agreement", "", {"agreements"}, kAgreements},
      {"measures", "measure", "", {"measures"}, kMeasures},
      {"stockpiles", "stockpile", "", {"stockpiles"}, kStockpiles},
      {"requirements", "requirement", "", {"requirements"}, kRequirements},
      {"events", "event", "", {"events"}, kEvents},
      {"production", "statistic", "production", {}, kProduction},
      {"reserves", "statistic", "reserves", {}, kReserves},
      {"trade", "statistic", "trade", {}, kTrade},
      {"governance", "statistic", "governance", {}, kGovernance},
      {"indicators", "statistic", "indicator", {}, kIndicators},
  };
  return *kinds;
}

const FileKind* FileKindOf(absl::string_view file_name) {
  if (!absl::ConsumeSuffix(&file_name, ".csv")) {
    return nullptr;
  }
  const absl::string_view stem = file_name.substr(0, file_name.find_first_of("-_."));
  for (const FileKind& kind : FileKinds()) {
    if (stem == kind.name) {
      return &kind;
    }
  }
  return nullptr;
}

}  // namespace orewatch::ctl
