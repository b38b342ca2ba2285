#include "services/ctl/render/gateway_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/alert_text.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

using gateway::v1::RankedMineral;
using gateway::v1::SectionStatus;

// Blank where the section is fresh.
std::string SectionText(absl::string_view section, const SectionStatus& status) {
  if (status.state() == SectionStatus::STATE_FRESH || status.state() == SectionStatus::STATE_UNSPECIFIED) {
    return "";
  }
  return absl::StrCat("! ", section, " is ",
                      absl::AsciiStrToUpper(EnumText(*SectionStatus::State_descriptor(), status.state())),
                      status.error().empty() ? "" : ": ", status.error(), "\n");
}

template <typename Answer>
std::string SectionsText(const Answer& answer) {
  return absl::StrCat(SectionText("registry", answer.registry()), SectionText("risk", answer.risk()),
                      SectionText("alerting", answer.alerting()));
}

std::string BottleneckText(const risk::v1::Score& score) {
  const std::string stage = EnumText(*type::v1::Stage_descriptor(), score.key().stage());
  return stage.empty() ? "" : absl::StrFormat("%s of %d known", stage, score.known_stages());
}

std::string NameText(const registry::v1::Mineral& mineral) {
  return mineral.display_name().empty() ? mineral.name() : mineral.display_name();
}

std::string StatusText(const RankedMineral& mineral) {
  return mineral.has_bottleneck() ? ShortCompletenessText(mineral.bottleneck()) : "UNSET: no score";
}

std::string SupplyRiskStatusText(const RankedMineral& mineral) {
  return mineral.has_supply_risk() ? ShortCompletenessText(mineral.supply_risk()) : "";
}

// Minerals without a score are named in one line: not safe, but nothing to rank.
std::string RankingText(const gateway::v1::Overview& overview) {
  gateway::v1::Overview ranked;
  std::vector<std::string> unknown;
  for (const RankedMineral& mineral : overview.minerals()) {
    if (mineral.has_bottleneck()) {
      *ranked.add_minerals() = mineral;
    } else {
      unknown.push_back(NameText(mineral.mineral()));
    }
  }
  return absl::StrCat(TableText(OverviewTable(ranked)),
                      unknown.empty() ? ""
                                      : absl::StrCat("\nUnknown, for want of data (", unknown.size(),
                                                     "): ", absl::StrJoin(unknown, ", "), "\n"));
}

// The first of them: the worst and newest.
std::string AlertsText(const google::protobuf::RepeatedPtrField<alerting::v1::Alert>& alerts, absl::string_view title) {
  if (alerts.empty()) {
    return absl::StrCat("No ", title, ".\n");
  }
  constexpr int kShown = 15;
  const int shown = std::min(kShown, alerts.size());
  const google::protobuf::RepeatedPtrField<alerting::v1::Alert> first(alerts.begin(), alerts.begin() + shown);
  return absl::StrCat(
      alerts.size(), " ", title, " (", SeverityCountsText(alerts), "):\n", TableText(AlertTable(first)),
      alerts.size() > shown ? absl::StrCat("and ", alerts.size() - shown, " more: orewatchctl alerts\n") : "");
}

// Alerts that could not be fetched must not read as none.
bool Fetched(const SectionStatus& status) {
  return status.state() != SectionStatus::STATE_UNAVAILABLE && status.state() != SectionStatus::STATE_DENIED;
}

}  // namespace

Table OverviewTable(const gateway::v1::Overview& overview) {
  Table table{{"RANK", "MINERAL", "BOTTLENECK", "TOP", "HHI", "BAND", "YEAR", "STATUS", "EU SR", "EU SR STATUS"}, {}};
  for (const RankedMineral& mineral : overview.minerals()) {
    const risk::v1::Score& score = mineral.bottleneck();
    table.rows.push_back({absl::StrCat(table.rows.size() + 1), NameText(mineral.mineral()), BottleneckText(score),
                          TopCountryText(score), ScoreValueText(score),
                          EnumText(*risk::v1::Band_descriptor(), score.band()),
                          score.reference_year() == 0 ? "" : absl::StrCat(score.reference_year()), StatusText(mineral),
                          ScoreValueText(mineral.supply_risk()), SupplyRiskStatusText(mineral)});
  }
  return table;
}

std::string OverviewText(const gateway::v1::Overview& overview) {
  return absl::StrCat("Critical list ", overview.critical_list(), ", registry revision ",
                      overview.registry().revision().number(), "\n\n", RankingText(overview), "\n",
                      Fetched(overview.alerting()) ? AlertsText(overview.firing_alerts(), "firing alerts") : "",
                      SectionsText(overview));
}

std::string BriefText(const gateway::v1::MineralBrief& brief) {
  const registry::v1::Mineral& mineral = brief.mineral();
  const std::string kind = EnumText(*registry::v1::Mineral::Kind_descriptor(), mineral.kind());
  return absl::StrCat(
      NameText(mineral), " (", mineral.name(), kind.empty() ? "" : ", ", kind, ")\n",
      mineral.critical_lists().empty() ? ""
                                       : absl::StrCat("Lists: ", absl::StrJoin(mineral.critical_lists(), ", "), "\n"),
      mineral.members().empty() ? "" : absl::StrCat("Members: ", absl::StrJoin(mineral.members(), ", "), "\n"), "\n",
      Fetched(brief.risk()) ? TableText(ScoreTable(brief.scores())) : "", "\n",
      Fetched(brief.alerting()) ? AlertsText(brief.alerts(), "alerts") : "", SectionsText(brief));
}

}  // namespace orewatch::ctl
