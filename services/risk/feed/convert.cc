#include "services/risk/feed/convert.h"

#include <optional>
#include <utility>

#include "absl/strings/str_format.h"

namespace orewatch::risk {
namespace {

using registry::v1::Entry;
using registry::v1::Statistic;

constexpr char kRecyclingIndicator[] = "eol-recycling-input-rate";

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
  figure.source = statistic.provenance().source();
  figure.as_of = statistic.provenance().as_of();
  figure.licence = statistic.provenance().licence();
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

// ISO text with the precision that is known; sorts by time.
std::string DateText(const type::v1::PartialDate& date) {
  if (date.year() == 0) {
    return "";
  }
  if (date.month() == 0) {
    return absl::StrFormat("%04d", date.year());
  }
  return date.day() == 0 ? absl::StrFormat("%04d-%02d", date.year(), date.month())
                         : absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::string CodeOf(const std::string& country_name) {
  const size_t slash = country_name.find('/');
  return slash == std::string::npos ? country_name : country_name.substr(slash + 1);
}

std::vector<Membership> MembershipsOf(const registry::v1::Bloc& bloc) {
  std::vector<Membership> memberships;
  for (const auto& membership : bloc.memberships()) {
    memberships.push_back({CodeOf(membership.country()), DateText(membership.from()), DateText(membership.to())});
  }
  return memberships;
}

void AddStatistic(const Statistic& statistic, bool present, Changes& changes) {
  const auto figure = present ? std::optional<Figure>(FigureOf(statistic)) : std::nullopt;
  const auto& quantity = statistic.quantity();
  if (statistic.has_production()) {
    const auto& series = statistic.production();
    changes.production[{{series.mineral(), series.stage()},
                        {statistic.dataset(), series.product(), quantity.basis(), quantity.scope(), statistic.year(),
                         series.country()}}] = figure;
  } else if (statistic.has_trade()) {
    const auto& series = statistic.trade();
    changes.trade[{{series.mineral(), series.stage()},
                   {statistic.dataset(), series.product(), series.hs6(), quantity.basis(), quantity.scope(),
                    statistic.year(), series.importer(), series.exporter()}}] = figure;
  } else if (statistic.has_governance()) {
    changes.governance[{statistic.governance().country(), statistic.year()}] =
        present ? std::optional<GovernanceEstimates>(EstimatesOf(statistic.governance())) : std::nullopt;
  } else if (statistic.has_indicator() && statistic.indicator().indicator() == kRecyclingIndicator) {
    const auto& series = statistic.indicator();
    changes.recycling[{series.subject(), statistic.year()}] =
        present && series.has_value()
            ? std::optional<Recycling>(Recycling{series.value(), series.region(), statistic.year()})
            : std::nullopt;
  }
}

void Add(const Entry& entry, bool present, Changes& changes) {
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
      AddEntry(change.after(), changes);
    } else {
      AddRemoval(change.before(), changes);
    }
  }
}

}  // namespace orewatch::risk
