#include "services/ctl/render/partners_text.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/ctl/import/enum_text.h"

namespace orewatch::ctl {
namespace {

using risk::v1::Partner;
using risk::v1::PartnerFactorValue;

constexpr double kPercent = 100;

std::string FactorText(int factor) { return EnumText(*risk::v1::PartnerFactor_descriptor(), factor); }
std::string BasisText(int basis) { return EnumText(*type::v1::Basis_descriptor(), basis); }

std::string Line(absl::string_view label, absl::string_view text) {
  return text.empty() ? "" : absl::StrFormat("%-15s%s\n", absl::StrCat(label, ":"), Printable(text));
}

// Shares and falls in per cent, the rest as it is.
std::string FigureText(const PartnerFactorValue& factor) {
  if (!factor.has_value()) {
    return "?";
  }
  switch (factor.factor()) {
    case risk::v1::PARTNER_FACTOR_ENDOWMENT:
    case risk::v1::PARTNER_FACTOR_OUTPUT:
    case risk::v1::PARTNER_FACTOR_EXPERTISE:
    case risk::v1::PARTNER_FACTOR_RISK_FALL:
      return absl::StrFormat("%.1f%%", factor.value() * kPercent);
    case risk::v1::PARTNER_FACTOR_FREE_TONNES:
      return absl::StrFormat("%.10g t", factor.value());
    default:
      return absl::StrFormat("%.2f", factor.value());
  }
}

std::string RankText(const Partner& partner) {
  return partner.best_rank() == partner.worst_rank()
             ? absl::StrCat(partner.rank())
             : absl::StrCat(partner.rank(), " [", partner.best_rank(), ", ", partner.worst_rank(), "]");
}

std::string PossibleText(const Partner& partner) {
  return absl::StrCat("[", partner.best_possible_rank(), ", ", partner.worst_possible_rank(), "]");
}

std::string NotRankedOnText(const risk::v1::RankPartnersResponse& response) {
  return absl::StrJoin(response.not_ranked_on(), ", ",
                       [](std::string* out, int factor) { absl::StrAppend(out, FactorText(factor)); });
}

// What decides, and what is missing, of all factors.
std::string BecauseText(const Partner& partner) {
  std::vector<std::string> words;
  std::set<std::string> seen;
  for (const PartnerFactorValue& factor : partner.factors()) {
    for (const auto* texts : {&factor.resources(), &factor.reasons()}) {
      for (const std::string& text : *texts) {
        if (seen.insert(text).second) {
          words.push_back(text);
        }
      }
    }
  }
  return absl::StrJoin(words, ", ");
}

std::string WeightsText(const risk::v1::RankPartnersResponse& response) {
  return absl::StrJoin(response.weights(), ", ", [](std::string* out, const risk::v1::PartnerWeight& weight) {
    absl::StrAppend(out, FactorText(weight.factor()), " ", weight.weight());
  });
}

std::string ImportsText(const risk::v1::RankPartnersResponse& response) {
  return response.has_imports_tonnes() ? absl::StrFormat("%.10g t %s, %d", response.imports_tonnes(),
                                                         BasisText(response.basis()), response.imports_year())
                                       : "unknown";
}

std::string YearsText(const risk::v1::ProjectOutlookCase& outlook) {
  return outlook.has_start()
             ? absl::StrFormat("in %.1f years (p10 %.1f, p90 %.1f), given that it produces",
                               outlook.start().p50_years(), outlook.start().p10_years(), outlook.start().p90_years())
             : "unknown";
}

std::string ChanceText(const risk::v1::Chance& chance) {
  if (!chance.has_value()) {
    return "unknown";
  }
  return absl::StrFormat("%.0f%% [%.0f%%, %.0f%%]", chance.value() * kPercent, chance.bounds().lower() * kPercent,
                         chance.bounds().upper() * kPercent);
}

std::string DateText(const type::v1::PartialDate& date) {
  std::string text = date.year() == 0 ? "" : absl::StrFormat("%04d", date.year());
  for (const int part : {date.month(), date.day()}) {
    absl::StrAppend(&text, part == 0 ? "" : absl::StrFormat("-%02d", part));
  }
  return text;
}

std::string InDays(bool known, int days) { return known ? absl::StrCat(" (", days, " days)") : ""; }

Table CommitmentTable(const risk::v1::ProjectOutlook& outlook) {
  using registry::v1::Project;
  Table table{{"AGENCY", "INSTRUMENT", "COMMITTED", "DISBURSED", "NEXT DECISION", "LAPSE", "A LAPSE COSTS", "WHY"}, {}};
  for (const risk::v1::CommitmentOutlook& each : outlook.commitments()) {
    const Project::Commitment& commitment = each.commitment();
    const risk::v1::LapseCost& cost = each.lapse_cost();
    const auto money = [&](bool known, double amount) {
      return known ? absl::StrFormat("%.10g %s", amount, commitment.currency()) : std::string();
    };
    const std::string tonnes = cost.has_tonnes_per_year()
                                   ? absl::StrFormat("%.10g t/year %s", cost.tonnes_per_year(), BasisText(cost.basis()))
                                   : "";
    const std::string days =
        cost.has_days_of_cover() ? absl::StrFormat(", %.1f days of cover", cost.days_of_cover()) : "";
    table.rows.push_back(
        {commitment.agency(), EnumText(*Project::Commitment::Instrument_descriptor(), commitment.instrument()),
         money(commitment.has_amount_committed(), commitment.amount_committed()),
         money(commitment.has_amount_disbursed(), commitment.amount_disbursed()),
         DateText(commitment.next_decision()) + InDays(each.has_days_to_next_decision(), each.days_to_next_decision()),
         DateText(commitment.lapse()) + InDays(each.has_days_to_lapse(), each.days_to_lapse()),
         absl::StrCat(tonnes, days), absl::StrJoin(cost.reasons(), ", ")});
  }
  return table;
}

Table MilestoneTable(const risk::v1::ProjectOutlook& outlook) {
  Table table{{"MILESTONE", "PLANNED", "REACHED", "YEARS BEHIND PLAN", "YEARS BEYOND NORM"}, {}};
  for (const risk::v1::MilestoneSlippage& milestone : outlook.milestones()) {
    const auto years = [&](bool known, double number) {
      return known ? absl::StrFormat("%.1f%s", number, milestone.still_growing() ? "+" : "") : std::string();
    };
    table.rows.push_back({milestone.title(), DateText(milestone.planned()), DateText(milestone.actual()),
                          years(milestone.has_behind_plan_years(), milestone.behind_plan_years()),
                          years(milestone.has_behind_norm_years(), milestone.behind_norm_years())});
  }
  return table;
}

std::string Section(const Table& table) { return table.rows.empty() ? "" : absl::StrCat("\n", TableText(table)); }

std::string CapacityText(const registry::v1::Project& project) {
  return project.has_capacity_tonnes_per_year()
             ? absl::StrFormat("%.10g t/year %s", project.capacity_tonnes_per_year(), BasisText(project.basis()))
             : "unknown";
}

}  // namespace

Table PartnerTable(const risk::v1::RankPartnersResponse& response) {
  Table table{{"RANK", "POSSIBLE", "COUNTRY", "SCORE"}, {}};
  for (const risk::v1::PartnerWeight& weight : response.weights()) {
    table.header.push_back(absl::AsciiStrToUpper(FactorText(weight.factor())));
  }
  table.header.emplace_back("BECAUSE");
  for (const Partner& partner : response.partners()) {
    std::vector<std::string> row = {RankText(partner), PossibleText(partner),
                                    std::string(absl::StripPrefix(partner.country(), "countries/")),
                                    absl::StrFormat("%.3f [%.3f, %.3f]", partner.score(),
                                                    partner.score_bounds().lower(), partner.score_bounds().upper())};
    for (const PartnerFactorValue& factor : partner.factors()) {
      row.push_back(FigureText(factor));
    }
    row.push_back(BecauseText(partner));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string PartnersText(const risk::v1::RankPartnersResponse& response) {
  return absl::StrCat(
      Line("Imports", ImportsText(response)),
      Line("Risk", absl::StrCat(response.risk_method(), " ",
                                response.has_risk() ? absl::StrFormat("%.3f", response.risk()) : "unknown")),
      Line("Weights", WeightsText(response)),
      Line("Parameters", absl::StrCat(response.parameter_set(), " ", response.parameter_edition())),
      Line("Not ranked on", NotRankedOnText(response)), Line("Missing", absl::StrJoin(response.reasons(), ", ")),
      Line("Revision", absl::StrCat(response.revision().number())), "\n", TableText(PartnerTable(response)));
}

Table OutlookTable(const risk::v1::ProjectOutlook& outlook) {
  Table table{{"IN YEARS", "PRODUCES BY THEN", "TONNES BY THEN", "WITH ASSUMPTIONS", "TONNES"}, {}};
  for (int i = 0; i < outlook.published().years_size(); ++i) {
    std::vector<std::string> row = {absl::StrCat(outlook.published().years(i).years_from_now())};
    for (const auto* each : {&outlook.published(), &outlook.assumed()}) {
      const bool there = i < each->years_size();
      row.push_back(there ? absl::StrFormat("%.1f%%", each->years(i).produces_by() * kPercent) : "");
      row.push_back(there && each->years(i).has_expected_tonnes()
                        ? absl::StrFormat("%.0f", each->years(i).expected_tonnes())
                        : "");
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string ProjectOutlookText(const risk::v1::ProjectOutlook& outlook) {
  using registry::v1::Project;
  const Project& project = outlook.project();
  std::string engagements;
  for (const Project::Engagement& step : project.engagements()) {
    absl::StrAppend(
        &engagements,
        Line("Engagement", absl::StrCat(EnumText(*Project::Engagement::Stakeholder_descriptor(), step.stakeholder()),
                                        " ", EnumText(*Project::Engagement::Form_descriptor(), step.form()), " ",
                                        EnumText(*Project::Engagement::Outcome_descriptor(), step.outcome()), " ",
                                        DateText(step.date()))));
  }
  return absl::StrCat(
      Line("Project", absl::StrCat(project.display_name(), " (", project.name(), ")")),
      Line("Of", absl::StrCat(project.mineral(), " ", EnumText(*type::v1::Stage_descriptor(), project.stage()), " in ",
                              project.country(), ", ", EnumText(*Project::Status_descriptor(), project.status()))),
      Line("Capacity", CapacityText(project)), Line("Ever produces", ChanceText(outlook.published().ever_produces())),
      Line("Starts", YearsText(outlook.published())),
      outlook.assumptions().empty()
          ? Line("Assumptions", "none")
          : absl::StrCat(Line("Assumptions", absl::StrJoin(outlook.assumptions(), ", ")),
                         Line("  then", absl::StrCat(ChanceText(outlook.assumed().ever_produces()), ", ",
                                                     YearsText(outlook.assumed())))),
      Line("Reasons", absl::StrJoin(outlook.reasons(), ", ")), engagements,
      Line("Runs", absl::StrCat(outlook.runs(), ", seed ", outlook.seed())),
      Line("Revision", absl::StrCat(outlook.revision().number())), Section(CommitmentTable(outlook)),
      Section(MilestoneTable(outlook)), Section(OutlookTable(outlook)));
}

}  // namespace orewatch::ctl
