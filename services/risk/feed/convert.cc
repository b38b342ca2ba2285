#include "services/risk/feed/convert.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "services/risk/domain/eu_supply_risk.h"
#include "services/risk/feed/convert_chain.h"
#include "services/risk/feed/convert_projects.h"
#include "services/risk/feed/message_fields.h"

namespace orewatch::risk {
namespace {

using registry::v1::Entry;
using registry::v1::Statistic;

Figure FigureOf(const Statistic& statistic) {
  const auto& quantity = statistic.quantity();
  Figure figure;
  if (quantity.has_tonnes()) {
    figure.amount = quantity.tonnes();
  } else if (quantity.has_share()) {
    figure.amount = quantity.share();
    figure.measure = Measure::kShares;
  }
  figure.withheld = quantity.withheld();
  figure.estimated = quantity.estimated();
  figure.provenance = ProvenanceOf(statistic.provenance());
  return figure;
}

GovernanceEstimates EstimatesOf(const Statistic::Governance& governance) {
  const auto when = [](bool present, double value) {
    return present ? std::optional<double>(value) : std::optional<double>();
  };
  return {when(governance.has_voice_accountability(), governance.voice_accountability()),
          when(governance.has_political_stability(), governance.political_stability()),
          when(governance.has_government_effectiveness(), governance.government_effectiveness()),
          when(governance.has_regulatory_quality(), governance.regulatory_quality()),
          when(governance.has_rule_of_law(), governance.rule_of_law()),
          when(governance.has_control_of_corruption(), governance.control_of_corruption())};
}

// A tariff stands at the importer's border; it restricts no export.
TradeRelation RelationOf(registry::v1::Measure::Kind kind) {
  switch (kind) {
    case registry::v1::Measure::KIND_BAN:
      return TradeRelation::kBan;
    case registry::v1::Measure::KIND_LICENCE:
      return TradeRelation::kLicence;
    case registry::v1::Measure::KIND_QUOTA:
      return TradeRelation::kQuota;
    case registry::v1::Measure::KIND_EXPORT_TAX:
      return TradeRelation::kExportTax;
    default:
      return TradeRelation::kNone;
  }
}

Restriction RestrictionOf(const registry::v1::Measure& measure) {
  Restriction restriction;
  restriction.imposer = CodeOf(measure.imposer());
  restriction.kind = RelationOf(measure.kind());
  restriction.mineral = measure.mineral();
  restriction.product = measure.product();
  restriction.stage = measure.stage();
  restriction.hs6.assign(measure.hs6().begin(), measure.hs6().end());
  restriction.destinations = CodesOf(measure.destinations());
  restriction.effective = DateText(measure.effective());
  restriction.suspended = DateText(measure.suspended());
  restriction.suspended_until = DateText(measure.suspended_until());
  restriction.ended = DateText(measure.ended());
  restriction.provenance = ProvenanceOf(measure.provenance());
  return restriction;
}

// Nothing unless it binds trade and everybody may read it: scores are public, so only public facts may move them.
std::optional<TradeAgreement> AgreementOf(const registry::v1::Agreement& agreement) {
  if (!BindsTrade(agreement) || !agreement.visibility().owner().empty()) {
    return std::nullopt;
  }
  return TradeAgreementOf(agreement);
}

// Nothing unless everybody may read it.
std::optional<StockpileFact> StockpileOf(const registry::v1::Stockpile& stockpile) {
  if (!stockpile.visibility().owner().empty()) {
    return std::nullopt;
  }
  StockpileFact fact;
  fact.country = CodeOf(stockpile.country());
  fact.minerals = {stockpile.minerals().begin(), stockpile.minerals().end()};
  if (stockpile.has_held_days()) {
    fact.held_days = stockpile.held_days();
  }
  if (stockpile.has_target_days()) {
    fact.target_days = stockpile.target_days();
  }
  fact.denominator = stockpile.denominator();
  fact.provenance = ProvenanceOf(stockpile.provenance());
  return fact;
}

std::vector<Membership> MembershipsOf(const registry::v1::Bloc& bloc) {
  std::vector<Membership> memberships;
  for (const auto& membership : bloc.memberships()) {
    memberships.push_back({CodeOf(membership.country()), DateText(membership.from()), DateText(membership.to())});
  }
  return memberships;
}

// An indicator of the registry that methods read, and what its values can be.
struct IndicatorKind {
  Indicator indicator;
  double lower = 0;
  double upper = 0;
  // NACE division; empty: of no sector.
  std::string sector = {};
};

// Those of sectors, whose names end with the division: `end-use-share-c24`.
std::optional<IndicatorKind> KindOfSector(absl::string_view name) {
  constexpr size_t kDivisionLength = 3;
  IndicatorKind kind{Indicator::kEndUseShare, 0, 1};
  if (absl::ConsumePrefix(&name, "value-added-")) {
    kind = {Indicator::kValueAdded, 0, std::numeric_limits<double>::max()};
  } else if (!absl::ConsumePrefix(&name, "end-use-share-")) {
    return std::nullopt;
  }
  if (name.size() != kDivisionLength || !std::all_of(name.begin(), name.begin() + 1, absl::ascii_islower) ||
      !std::all_of(name.begin() + 1, name.end(), absl::ascii_isdigit)) {
    return std::nullopt;
  }
  kind.sector = absl::AsciiStrToUpper(name);
  return kind;
}

std::optional<IndicatorKind> KindOf(const std::string& name) {
  static const auto* const kKinds = new std::map<std::string, IndicatorKind>{
      {"ability-to-supply", {Indicator::kAbilityToSupply, 0, 1}},
      {"companion-fraction", {Indicator::kCompanionFraction, 0, 1}},
      {"economic-vulnerability", {Indicator::kEconomicVulnerability, 0, 1}},
      {"eol-recycling-input-rate", {Indicator::kRecycling, 0, 1}},
      {"human-development-index", {Indicator::kHumanDevelopment, 0, 1}},
      // A net exporter's is below 0.
      {"net-import-reliance", {Indicator::kNetImportReliance, std::numeric_limits<double>::lowest(), 1}},
      {"policy-potential-index", {Indicator::kPolicyPotential, 0, 100}},
      {"substitution-index-economic-importance", {Indicator::kSubstitutionOfImportance, 0, 1}},
      {"substitution-index-supply-risk", {Indicator::kSubstitution, 0, 1}},
      {"willingness-to-supply", {Indicator::kWillingnessToSupply, 0, 1}},
  };
  const auto found = kKinds->find(name);
  return found == kKinds->end() ? KindOfSector(name) : std::optional<IndicatorKind>(found->second);
}

// A value that cannot be is as unknown as none.
void AddIndicator(const Statistic& statistic, bool present, Changes& changes) {
  const auto& series = statistic.indicator();
  const auto kind = KindOf(series.indicator());
  if (!kind.has_value()) {
    return;
  }
  const bool known = present && series.has_value() && series.value() >= kind->lower && series.value() <= kind->upper;
  const IndicatorKey key{series.subject(), kind->indicator,     statistic.year(),
                         series.region(),  statistic.dataset(), kind->sector};
  changes.indicators[key] =
      known ? std::optional<IndicatorFact>({series.value(), ProvenanceOf(statistic.provenance())}) : std::nullopt;
}

void AddStatistic(const Statistic& statistic, bool present, Changes& changes) {
  auto figure = present ? std::optional<Figure>(FigureOf(statistic)) : std::nullopt;
  const auto& quantity = statistic.quantity();
  if (statistic.has_production()) {
    const auto& series = statistic.production();
    changes.production[{{series.mineral(), series.stage()},
                        {statistic.dataset(), series.product(), quantity.basis(), quantity.scope(), statistic.year(),
                         series.country()}}] = figure;
  } else if (statistic.has_trade()) {
    const auto& series = statistic.trade();
    if (figure.has_value() && series.has_value_usd()) {
      figure->value_usd = series.value_usd();
    }
    changes.trade[{{series.mineral(), series.stage()},
                   {statistic.dataset(), series.product(), series.hs6(), quantity.basis(), quantity.scope(),
                    statistic.year(), series.importer(), series.exporter()}}] = figure;
  } else if (statistic.has_governance()) {
    const auto& governance = statistic.governance();
    changes.governance[{governance.country(), statistic.year(), statistic.dataset()}] =
        present ? std::optional<GovernanceFact>({EstimatesOf(governance), ProvenanceOf(statistic.provenance())})
                : std::nullopt;
  } else if (statistic.has_reserves()) {
    const auto& series = statistic.reserves();
    if (series.classification() == Statistic::Reserves::CLASSIFICATION_RESERVES) {
      changes.reserves[{series.mineral(), statistic.dataset(), series.product(), quantity.basis(), quantity.scope(),
                        statistic.year(), series.country()}] = figure;
    }
  } else if (statistic.has_indicator()) {
    AddIndicator(statistic, present, changes);
  }
}

void Add(const Entry& entry, bool present, Changes& changes) {
  AddChainEntry(entry, present, changes.chain);
  AddProjectEntry(entry, present, changes.projects);
  switch (entry.value_case()) {
    case Entry::kStatistic:
      return AddStatistic(entry.statistic(), present, changes);
    case Entry::kMineral:
      changes.minerals[entry.mineral().name()] = present;
      return;
    case Entry::kCountry:
      changes.countries[entry.country().name()] = present;
      return;
    case Entry::kBloc:
      changes.blocs[entry.bloc().name()] =
          present ? std::optional<std::vector<Membership>>(MembershipsOf(entry.bloc())) : std::nullopt;
      return;
    case Entry::kMeasure:
      changes.restrictions[entry.measure().name()] =
          present ? std::optional<Restriction>(RestrictionOf(entry.measure())) : std::nullopt;
      return;
    case Entry::kAgreement:
      changes.agreements[entry.agreement().name()] = present ? AgreementOf(entry.agreement()) : std::nullopt;
      return;
    case Entry::kStockpile:
      changes.stockpiles[entry.stockpile().name()] = present ? StockpileOf(entry.stockpile()) : std::nullopt;
      return;
    case Entry::kToday:
      if (present) {
        changes.today = DateText(entry.today().date());
      }
      return;
    default:
      return;
  }
}

}  // namespace

void AddEntry(const Entry& entry, Changes& changes) { Add(entry, true, changes); }
void AddRemoval(const Entry& entry, Changes& changes) { Add(entry, false, changes); }

void AddChangeSet(const registry::v1::ChangeSet& set, Changes& changes) {
  for (const auto& change : set.changes()) {
    if (change.has_after()) {
      if (change.before().has_facility()) {
        // Outputs that it no longer has.
        AddProjectEntry(change.before(), false, changes.projects);
      }
      AddEntry(change.after(), changes);
    } else {
      AddRemoval(change.before(), changes);
    }
  }
}

}  // namespace orewatch::risk
