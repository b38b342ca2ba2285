#include "services/ctl/render/gateway_text.h"

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
  return mineral.has_bottleneck() ? CompletenessText(mineral.bottleneck()) : "UNSET: no score";
}

std::string SupplyRiskStatusText(const RankedMineral& mineral) {
  return mineral.has_supply_risk() ? CompletenessText(mineral.supply_risk()) : "";
}

std::string AlertsText(const google::protobuf::RepeatedPtrField<alerting::v1::Alert>& alerts, absl::string_view title) {
  return alerts.empty() ? absl::StrCat("No ", title, ".\n")
                        : absl::StrFormat("%d %s:\n%s", alerts.size(), title, TableText(AlertTable(alerts)));
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
                      overview.registry().revision().number(), "\n\n", TableText(OverviewTable(overview)), "\n",
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
