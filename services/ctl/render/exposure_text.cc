#include "services/ctl/render/exposure_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace orewatch::ctl {
namespace {

std::string PercentText(double share) { return absl::StrFormat("%.1f%%", 100 * share); }

std::string DaysText(bool known, double days) { return known ? absl::StrFormat("%.1f", days) : ""; }

std::string YesText(bool yes) { return yes ? "yes" : "no"; }

std::string Shortened(const std::string& name) {
  return std::string(absl::StripPrefix(absl::StripPrefix(name, "countries/"), "minerals/"));
}

void AddTier(const risk::v1::Exposure& exposure, const risk::v1::ExposureTier& tier, Table& table) {
  const auto add = [&](const std::string& name, double share, const std::string& verified,
                       const std::string& inferred) {
    table.rows.push_back({exposure.name(), Shortened(exposure.mineral()), exposure.product(), absl::StrCat(tier.tier()),
                          name, PercentText(share), verified, inferred});
  };
  for (const risk::v1::ExposureShare& share : tier.shares()) {
    add(Shortened(share.name()), share.verified() + share.inferred(), PercentText(share.verified()),
        PercentText(share.inferred()));
  }
  if (tier.rest_count() > 0) {
    add(absl::StrCat("(", tier.rest_count(), " more)"), tier.rest_verified() + tier.rest_inferred(),
        PercentText(tier.rest_verified()), PercentText(tier.rest_inferred()));
  }
  if (tier.own() > 0) {
    add("(own, nearer)", tier.own(), "", "");
  }
  if (tier.owner_unknown() > 0) {
    add("(owner unknown)", tier.owner_unknown(), "", "");
  }
  add("(unknown)", tier.unknown(), "", "");
}

}  // namespace

Table ExposureTable(const risk::v1::ListExposuresResponse& response, int max_tier) {
  Table table{{"NAME", "MINERAL", "PRODUCT", "TIER", "FROM", "SHARE", "VERIFIED", "INFERRED"}, {}};
  for (const risk::v1::Exposure& exposure : response.exposures()) {
    for (const risk::v1::ExposureTier& tier : exposure.tiers()) {
      if (tier.tier() <= max_tier) {
        AddTier(exposure, tier, table);
      }
    }
  }
  return table;
}

std::string AssumptionLines(const risk::v1::ListExposuresResponse& response) {
  std::string lines;
  for (const risk::v1::Exposure& exposure : response.exposures()) {
    if (!exposure.assumptions().empty()) {
      absl::StrAppend(&lines, "! assumed for ", Printable(exposure.name()), ", ", Shortened(exposure.mineral()), ": ",
                      absl::StrJoin(exposure.assumptions(), " "), "\n");
    }
  }
  return lines;
}

std::string UnsetLines(const risk::v1::ListExposuresResponse& response) {
  std::string lines;
  for (const risk::v1::Exposure& exposure : response.exposures()) {
    if (!exposure.unset_reasons().empty()) {
      absl::StrAppend(&lines, "! not computed for ", Printable(exposure.name()), ", ", Shortened(exposure.mineral()),
                      ": ", absl::StrJoin(exposure.unset_reasons(), " "), "\n");
    }
  }
  return lines;
}

std::string UnsetExposures(const risk::v1::ListExposuresResponse& response) {
  std::string names;
  for (const risk::v1::Exposure& exposure : response.exposures()) {
    if (!exposure.unset_reasons().empty()) {
      absl::StrAppend(&names, names.empty() ? "" : ", ", Printable(exposure.name()));
    }
  }
  return names;
}

Table PathTable(const risk::v1::ListSupplyPathsResponse& response) {
  Table table{{"SHARE", "SOURCE", "VERIFIED", "CONFIDENCE", "LINKS"}, {}};
  for (const risk::v1::SupplyPath& path : response.paths()) {
    table.rows.push_back({path.has_share() ? PercentText(path.share()) : "?", path.source(), YesText(path.verified()),
                          path.has_confidence() ? absl::StrFormat("%.2f", path.confidence()) : "",
                          absl::StrJoin(path.links(), " < ")});
  }
  return table;
}

Table FailurePointTable(const risk::v1::ListFailurePointsResponse& response) {
  Table table{{"NAME", "TIER", "CERTAIN"}, {}};
  for (const risk::v1::FailurePoint& point : response.points()) {
    table.rows.push_back({point.name(), absl::StrCat(point.tier()), YesText(point.certain())});
  }
  return table;
}

Table AlternativeTable(const risk::v1::ListAlternativesResponse& response) {
  Table table{{"FACILITY", "SPARE T/YEAR", "QUALIFIED", "MONTHS TO QUALIFY"}, {}};
  for (const risk::v1::Alternative& alternative : response.alternatives()) {
    table.rows.push_back({alternative.facility(),
                          alternative.has_spare_capacity_tonnes_per_year()
                              ? absl::StrCat(alternative.spare_capacity_tonnes_per_year())
                              : "",
                          YesText(alternative.qualified()),
                          alternative.has_months_to_qualify() ? absl::StrCat(alternative.months_to_qualify()) : ""});
  }
  return table;
}

Table SurvivalTable(const risk::v1::TimeToSurvive& survival) {
  const std::string days = survival.never() ? "never" : DaysText(survival.has_days(), survival.days());
  const std::string earliest =
      survival.has_earliest_days() ? DaysText(true, survival.earliest_days()) : std::string("never");
  const std::string latest = survival.has_latest_days() ? DaysText(true, survival.latest_days())
                                                        : std::string(survival.never() ? "never" : "perhaps never");
  return {{"DAYS", "EARLIEST", "LATEST", "WHY UNKNOWN"},
          {{days, earliest, latest, absl::StrJoin(survival.completeness().reasons(), " ")}}};
}

}  // namespace orewatch::ctl
