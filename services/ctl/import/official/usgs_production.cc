#include "services/ctl/import/official/usgs_production.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/import/names.h"
#include "services/ctl/import/official/usgs_heading.h"
#include "services/ctl/import/official/words.h"

namespace orewatch::ctl {
namespace {

using registry::v1::Mineral;
using registry::v1::Statistic;
using type::v1::Provenance;

// Too small to show, or shown with another product: adds nothing to a sum.
constexpr absl::string_view kShownElsewhere = "s";
constexpr absl::string_view kInSource = " in source";

std::string MineralIdOf(const UsgsSeries& series, const UsgsCommodity& commodity) {
  return series.mineral.empty() ? IdOf(commodity.name) : series.mineral;
}

Provenance ProvenanceOf(int32_t edition, absl::string_view what) {
  Provenance provenance;
  provenance.set_source(absl::StrCat("USGS MCS ", edition, " data release, ", what));
  provenance.set_as_of(absl::StrCat(edition));
  provenance.set_licence("US-public-domain");
  return provenance;
}

Mineral MineralOf(const UsgsSeries& series, const UsgsCommodity& commodity, int32_t edition) {
  Mineral mineral;
  mineral.set_display_name(series.display_name.empty() ? commodity.name : series.display_name);
  mineral.set_kind(series.kind);
  for (const std::string& list : commodity.critical_lists) {
    mineral.add_critical_lists(list);
  }
  *mineral.mutable_provenance() = ProvenanceOf(edition, commodity.name);
  return mineral;
}

// All that the figures of a table share.
Statistic StatisticOf(const UsgsSeries& series, const UsgsCommodity& commodity, int32_t edition) {
  Statistic statistic;
  statistic.set_dataset(absl::StrCat("usgs-mcs-", edition));
  auto& production = *statistic.mutable_production();
  production.set_mineral(absl::StrCat("minerals/", MineralIdOf(series, commodity)));
  production.set_stage(series.stage);
  production.set_product(series.product);
  const Counted counted = series.basis.has_value() ? Counted{*series.basis, series.scope}
                                                   : CountedBy(commodity.heading).value_or(Counted());
  statistic.mutable_quantity()->set_basis(counted.basis);
  statistic.mutable_quantity()->set_scope(counted.scope);
  return statistic;
}

void SetFigure(const UsgsFigure& figure, const UsgsCommodity& commodity, int32_t edition, Statistic& statistic) {
  auto& quantity = *statistic.mutable_quantity();
  if (figure.value.amount.has_value()) {
    quantity.set_tonnes(*figure.value.amount);
  } else if (figure.value.withheld) {
    quantity.set_withheld(true);
  }
  quantity.set_estimated(figure.estimated || figure.value.midpoint);
  *statistic.mutable_provenance() =
      ProvenanceOf(edition, absl::StrCat(commodity.name, ": ", figure.detail, ", ", statistic.year(),
                                         figure.value.mark.empty() ? "" : ", ", figure.value.mark));
}

size_t BytesOf(const UsgsFigure& figure) { return sizeof(figure) + figure.detail.size() + figure.value.mark.size(); }

// The text that stands in the source, or why there is none.
std::string Marked(const std::string& mark) { return mark.empty() ? "" : absl::StrCat(mark, kInSource); }

}  // namespace

bool UsgsProduction::Add(const UsgsSeries& series, const UsgsCommodity& commodity, int32_t year,
                         const std::string& country, UsgsFigure figure) {
  auto& countries = TableOf(series, commodity).years[year].countries;
  const auto known =
      std::find_if(countries.begin(), countries.end(), [&](const auto& listed) { return listed.first == country; });
  figure.value.mark = Marked(figure.value.mark);
  bytes_ += BytesOf(figure);
  if (known == countries.end()) {
    countries.push_back({country, {std::move(figure)}});
    return true;
  }
  const auto same_detail = [&](const UsgsFigure& other) { return other.detail == figure.detail; };
  if (series.details.size() == 1 || std::any_of(known->second.begin(), known->second.end(), same_detail)) {
    return false;
  }
  known->second.push_back(std::move(figure));
  return true;
}

void UsgsProduction::AddTotal(const UsgsSeries& series, const UsgsCommodity& commodity, int32_t year,
                              UsgsFigure total) {
  total.value.mark = Marked(total.value.mark);
  bytes_ += BytesOf(total);
  auto& kept = TableOf(series, commodity).years[year].total;
  if (!kept.has_value()) {
    kept = std::move(total);
  }
}

UsgsProduction::Table& UsgsProduction::TableOf(const UsgsSeries& series, const UsgsCommodity& commodity) {
  const auto [at, is_new] = position_of_table_.try_emplace({&series, commodity.name}, tables_.size());
  if (is_new) {
    bytes_ += sizeof(Table) + commodity.name.size() + commodity.heading.size();
    tables_.push_back({&series, commodity, {}});
  }
  return tables_[at->second];
}

int32_t UsgsProduction::Edition() const {
  int32_t latest = 0;
  for (const Table& table : tables_) {
    latest = table.years.empty() ? latest : std::max(latest, table.years.rbegin()->first);
  }
  return latest + 1;
}

absl::Status UsgsProduction::Give(StatisticOutput& output) const {
  const int32_t edition = Edition();
  for (const Table& table : tables_) {
    OREWATCH_RETURN_IF_ERROR(GiveTable(table, edition, output));
  }
  return absl::OkStatus();
}

absl::Status UsgsProduction::GiveTable(const Table& table, int32_t edition, StatisticOutput& output) {
  const auto give = [&](int32_t year, const std::string& country, const UsgsFigure& figure) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(output.NeedMineral(figure.line, MineralIdOf(*table.series, table.commodity),
                                                [&] { return MineralOf(*table.series, table.commodity, edition); }));
    OREWATCH_RETURN_IF_ERROR(output.NeedCountry(figure.line, country));
    Statistic statistic = StatisticOf(*table.series, table.commodity, edition);
    statistic.set_year(year);
    statistic.mutable_production()->set_country(country);
    SetFigure(figure, table.commodity, edition, statistic);
    return output.Add(figure.line, std::move(statistic));
  };
  for (const auto& [year, figures] : table.years) {
    for (const auto& [country, parts] : figures.countries) {
      OREWATCH_RETURN_IF_ERROR(give(year, country, Sum(parts)));
    }
    if (const auto others = Others(figures); others.has_value()) {
      OREWATCH_RETURN_IF_ERROR(give(year, std::string(kOtherCountries), *others));
    }
  }
  return absl::OkStatus();
}

UsgsFigure UsgsProduction::Sum(const std::vector<UsgsFigure>& figures) {
  const UsgsFigure* unknown = nullptr;
  absl::optional<UsgsFigure> sum;
  for (const UsgsFigure& figure : figures) {
    if (!figure.value.amount.has_value()) {
      const bool counts = figure.value.mark != absl::StrCat(kShownElsewhere, kInSource);
      unknown = counts && (unknown == nullptr || figure.value.withheld) ? &figure : unknown;
    } else if (!sum.has_value()) {
      sum = figure;
    } else {
      *sum->value.amount += *figure.value.amount;
      sum->value.rounding += figure.value.rounding;
      sum->value.midpoint = sum->value.midpoint || figure.value.midpoint;
      sum->estimated = sum->estimated || figure.estimated;
      absl::StrAppend(&sum->detail, " + ", figure.detail);
    }
  }
  if (unknown != nullptr) {
    return *unknown;
  }
  return sum.has_value() ? *std::move(sum) : figures.front();
}

absl::optional<UsgsFigure> UsgsProduction::Others(const Year& year) {
  const bool listed = std::any_of(year.countries.begin(), year.countries.end(),
                                  [](const auto& country) { return country.first == kOtherCountries; });
  if (year.countries.empty() || listed) {
    return absl::nullopt;
  }
  if (year.total.has_value() && year.total->value.amount.has_value()) {
    return Rest(year);
  }
  UsgsFigure unknown = year.total.has_value() ? *year.total : year.countries.front().second.front();
  unknown.estimated = false;
  unknown.value = {};
  unknown.value.mark =
      year.total.has_value() ? absl::StrCat("world total ", year.total->value.mark) : "no world total in source";
  return unknown;
}

absl::optional<UsgsFigure> UsgsProduction::Rest(const Year& year) {
  UsgsFigure rest = *year.total;
  for (const auto& [country, figures] : year.countries) {
    const UsgsFigure figure = Sum(figures);
    if (!figure.value.amount.has_value() && !rest.excludes_unknown) {
      return absl::nullopt;
    }
    *rest.value.amount -= figure.value.amount.value_or(0);
    rest.value.rounding += figure.value.rounding;
  }
  rest.value.mark = "world total less the countries listed";
  return *rest.value.amount > rest.value.rounding ? absl::make_optional(rest) : absl::nullopt;
}

}  // namespace orewatch::ctl
