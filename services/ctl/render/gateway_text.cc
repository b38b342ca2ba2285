#include "services/ctl/render/gateway_text.h"

#include <algorithm>
#include <utility>
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

// What could not be fetched must not read as if there were none.
bool Fetched(const SectionStatus& status) {
  return status.state() != SectionStatus::STATE_UNAVAILABLE && status.state() != SectionStatus::STATE_DENIED;
}

bool IsWhole(const SectionStatus& status) {
  return status.state() == SectionStatus::STATE_FRESH || status.state() == SectionStatus::STATE_UNSPECIFIED;
}

// Blank where the section is fresh.
std::string SectionText(absl::string_view section, const SectionStatus& status) {
  if (IsWhole(status)) {
    return "";
  }
  return absl::StrCat("! ", section, " is ",
                      absl::AsciiStrToUpper(EnumText(*SectionStatus::State_descriptor(), status.state())),
                      status.error().empty() ? "" : ": ", status.error(), "\n");
}

template <typename Answer>
std::string Missing(const Answer& answer) {
  std::vector<absl::string_view> sections;
  for (const auto& [name, status] :
       {std::make_pair("registry", &answer.registry()), {"risk", &answer.risk()}, {"alerting", &answer.alerting()}}) {
    if (!IsWhole(*status)) {
      sections.emplace_back(name);
    }
  }
  return absl::StrJoin(sections, ", ");
}

template <typename Answer>
std::string SectionsText(const Answer& answer) {
  return absl::StrCat(SectionText("registry", answer.registry()), SectionText("risk", answer.risk()),
                      SectionText("alerting", answer.alerting()));
}

std::string StageText(const risk::v1::Score& score) {
  return EnumText(*type::v1::Stage_descriptor(), score.key().stage());
}

// `refine of 2`: the worst of two known stages.
std::string BottleneckText(const risk::v1::Score& score) {
  const std::string stage = StageText(score);
  return stage.empty() ? "" : absl::StrFormat("%s of %d", stage, score.known_stages());
}

std::string NameText(const registry::v1::Mineral& mineral) {
  return Printable(mineral.display_name().empty() ? mineral.name() : mineral.display_name());
}

// The mine: where the figures that people know come from. Blank if the mineral has none, as by-products.
const risk::v1::Score& MineOf(const RankedMineral& mineral) {
  const auto& stages = mineral.stages();
  const auto mine = std::find_if(stages.begin(), stages.end(),
                                 [](const auto& score) { return score.key().stage() == type::v1::STAGE_MINE; });
  return mine == stages.end() ? risk::v1::Score::default_instance() : *mine;
}

// `mine INCOMPLETE: WITHHELD:US` for the mine and the bottleneck; blank where both are complete.
std::string StatusText(const RankedMineral& mineral, bool scores_fetched) {
  if (!mineral.has_bottleneck()) {
    return scores_fetched ? "UNSET: no score" : "scores could not be fetched";
  }
  std::vector<const risk::v1::Score*> shown;
  if (const risk::v1::Score& mine = MineOf(mineral); mine.has_key()) {
    shown.push_back(&mine);
  }
  if (shown.empty() || mineral.bottleneck().key().stage() != type::v1::STAGE_MINE) {
    shown.push_back(&mineral.bottleneck());
  }
  std::vector<std::string> statuses;
  for (const risk::v1::Score* score : shown) {
    if (const std::string status = ShortCompletenessText(*score); !status.empty()) {
      statuses.push_back(absl::StrCat(StageText(*score), " ", status));
    }
  }
  return absl::StrJoin(statuses, "; ");
}

constexpr absl::string_view kIncompleteMark = "*";

bool IsIncomplete(const risk::v1::Score& score) {
  return score.completeness().state() == type::v1::Completeness::STATE_INCOMPLETE;
}

// `refine 1.74* [0.00, ?]`: the stage, and a mark where the value is incomplete.
std::string SupplyRiskText(const RankedMineral& mineral) {
  if (!mineral.has_supply_risk()) {
    return "";
  }
  const risk::v1::Score& score = mineral.supply_risk();
  const std::string value =
      score.has_value() ? ScoreValueText(score, IsIncomplete(score) ? kIncompleteMark : "") : "UNSET";
  const std::string stage = StageText(score);
  return absl::StrCat(stage, stage.empty() ? "" : " ", value);
}

// What the mark means, if it was used.
std::string MarkText(const gateway::v1::Overview& overview) {
  const auto& minerals = overview.minerals();
  const bool used = std::any_of(minerals.begin(), minerals.end(),
                                [](const auto& mineral) { return IsIncomplete(mineral.supply_risk()); });
  return used ? absl::StrCat(kIncompleteMark, " INCOMPLETE: orewatchctl brief <mineral> gives the reasons\n") : "";
}

// Minerals without a score are named in one line: not safe, but nothing to rank.
std::string RankingText(const gateway::v1::Overview& overview) {
  if (!Fetched(overview.risk())) {
    return absl::StrCat("No ranking: the scores of ", overview.minerals_size(), " minerals could not be fetched.\n");
  }
  gateway::v1::Overview ranked;
  std::vector<std::string> unknown;
  for (const RankedMineral& mineral : overview.minerals()) {
    if (mineral.has_bottleneck()) {
      *ranked.add_minerals() = mineral;
    } else {
      unknown.push_back(NameText(mineral.mineral()));
    }
  }
  return absl::StrCat(TableText(OverviewTable(ranked)), MarkText(ranked),
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

}  // namespace

Table OverviewTable(const gateway::v1::Overview& overview) {
  Table table{{"#", "MINERAL", "MINE HHI", "BOTTLENECK", "TOP", "HHI", "BAND", "YEAR", "EU SR", "STATUS"}, {}};
  for (const RankedMineral& mineral : overview.minerals()) {
    const risk::v1::Score& score = mineral.bottleneck();
    table.rows.push_back({absl::StrCat(table.rows.size() + 1), NameText(mineral.mineral()),
                          ScoreValueText(MineOf(mineral)), BottleneckText(score), TopCountryText(score),
                          ScoreValueText(score), EnumText(*risk::v1::Band_descriptor(), score.band()),
                          score.reference_year() == 0 ? "" : absl::StrCat(score.reference_year()),
                          SupplyRiskText(mineral), StatusText(mineral, Fetched(overview.risk()))});
  }
  return table;
}

std::string OverviewText(const gateway::v1::Overview& overview) {
  return absl::StrCat("Critical list ", overview.critical_list(), ", registry revision ",
                      overview.registry().revision().number(), "\n\n", RankingText(overview), "\n",
                      Fetched(overview.alerting()) ? AlertsText(overview.firing_alerts(), "firing alerts") : "",
                      SectionsText(overview));
}

std::string MissingSections(const gateway::v1::Overview& overview) { return Missing(overview); }
std::string MissingSections(const gateway::v1::MineralBrief& brief) { return Missing(brief); }

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
