#include "services/ctl/render/brief_text.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "services/ctl/import/entries.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/alert_text.h"
#include "services/ctl/render/change_text.h"
#include "services/ctl/render/exposure_text.h"
#include "services/ctl/render/partners_text.h"
#include "services/ctl/render/path_text.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

using gateway::v1::SectionStatus;
using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;

bool IsWhole(const SectionStatus& status) {
  return status.state() == SectionStatus::STATE_FRESH || status.state() == SectionStatus::STATE_UNSPECIFIED;
}

// What could not be fetched must not read as if there were none.
bool Fetched(const SectionStatus& status) {
  return status.state() != SectionStatus::STATE_UNAVAILABLE && status.state() != SectionStatus::STATE_DENIED;
}

std::vector<std::pair<std::string, const SectionStatus*>> SectionsOf(const Message& answer) {
  std::vector<std::pair<std::string, const SectionStatus*>> found;
  const auto* field = answer.GetDescriptor()->FindFieldByName("sections");
  const Message& sections = answer.GetReflection()->GetMessage(answer, field);
  for (int i = 0; i < sections.GetDescriptor()->field_count(); ++i) {
    const auto* section = sections.GetDescriptor()->field(i);
    found.emplace_back(section->name(),
                       &static_cast<const SectionStatus&>(sections.GetReflection()->GetMessage(sections, section)));
  }
  return found;
}

// `title:` and the table, or `No title.`; blank if it could not be fetched.
std::string ListText(absl::string_view title, const SectionStatus& status, const Table& table) {
  if (!Fetched(status)) {
    return "";
  }
  return table.rows.empty() ? absl::StrCat("No ", title, ".\n\n")
                            : absl::StrCat(absl::AsciiStrToUpper(title.substr(0, 1)), title.substr(1), " (",
                                           table.rows.size(), "):\n", TableText(table), "\n");
}

template <typename Resource>
Table NameTable(const RepeatedPtrField<Resource>& resources) {
  Table table{{"NAME", "DISPLAY NAME"}, {}};
  for (const Resource& resource : resources) {
    table.rows.push_back({resource.name(), resource.display_name()});
  }
  return table;
}

Table LinkTable(const RepeatedPtrField<registry::v1::Link>& links) {
  Table table{{"NAME", "FROM", "TO", "PRODUCT"}, {}};
  for (const registry::v1::Link& link : links) {
    table.rows.push_back({link.name(), link.from(), link.to(), link.product()});
  }
  return table;
}

std::string HistoryText(const SectionStatus& status, const RepeatedPtrField<registry::v1::ChangeSet>& changes) {
  if (!Fetched(status)) {
    return "";
  }
  std::string text = changes.empty() ? "No changes.\n" : "Changes:\n";
  for (const registry::v1::ChangeSet& set : changes) {
    absl::StrAppend(&text, ChangesText(set));
  }
  return text;
}

// What every brief ends with.
template <typename Brief>
std::string TailText(const Brief& brief) {
  return absl::StrCat(ListText("open alerts", brief.sections().alerts(), AlertTable(brief.alerts())),
                      HistoryText(brief.sections().changes(), brief.changes()), NestedSectionsText(brief));
}

std::string TitleText(absl::string_view display_name, absl::string_view name) {
  return absl::StrCat(Printable(display_name.empty() ? name : display_name), " (", Printable(name), ")\n\n");
}

std::string ShareText(const gateway::v1::ProductionShare& share) {
  if (share.has_share()) {
    constexpr double kPercent = 100;
    return absl::StrFormat("%.1f%%", share.share() * kPercent);
  }
  return share.quantity().withheld() ? "withheld" : "";
}

std::string ExposuresText(const gateway::v1::SupplierBrief& brief) {
  constexpr int kTiers = 2;
  risk::v1::ListExposuresResponse response;
  *response.mutable_exposures() = brief.exposures();
  return absl::StrCat(ListText("exposures", brief.sections().exposure(), ExposureTable(response, kTiers)),
                      AssumptionLines(response), UnsetLines(response));
}

std::string StatusText(const gateway::v1::WatchFeedResponse::KindStatus& status) {
  const SectionStatus& section = status.status();
  return absl::StrCat("! ", EnumText(*gateway::v1::FeedKind_descriptor(), status.kind()), " ",
                      IsWhole(section) ? "follow" : "do not come", section.error().empty() ? "" : ": ",
                      Printable(section.error()), "\n");
}

std::string ScoresText(const risk::v1::WatchScoresResponse& message) {
  std::string text;
  for (const risk::v1::Score& score : message.scores()) {
    absl::StrAppend(&text, "score  ", score.changed_revision().number(), "  ", KeyText(score.key()), "  ",
                    ScoreValueText(score), "  ", CompletenessText(score), "\n");
  }
  for (const risk::v1::ScoreKey& key : message.removed()) {
    absl::StrAppend(&text, "score  removed  ", KeyText(key), "\n");
  }
  return text;
}

}  // namespace

Table ProductionTable(const gateway::v1::CountryBrief& brief) {
  Table table{{"MINERAL", "STAGE", "SHARE", "QUANTITY", "YEAR", "HHI", "DATASET"}, {}};
  for (const gateway::v1::ProductionShare& share : brief.production()) {
    table.rows.push_back({share.mineral(), EnumText(*type::v1::Stage_descriptor(), share.stage()), ShareText(share),
                          QuantityText(share.quantity()), absl::StrCat(share.year()),
                          share.has_hhi() ? absl::StrFormat("%.0f", share.hhi()) : "", share.dataset()});
  }
  return table;
}

Table FacilityTable(const RepeatedPtrField<registry::v1::Facility>& facilities) {
  Table table{{"NAME", "DISPLAY NAME", "COUNTRY", "STATUS", "MAKES"}, {}};
  for (const registry::v1::Facility& facility : facilities) {
    std::vector<std::string> made;
    for (const auto& output : facility.outputs()) {
      made.push_back(absl::StrCat(output.mineral(), " ", EnumText(*type::v1::Stage_descriptor(), output.stage())));
    }
    table.rows.push_back({facility.name(), facility.display_name(), facility.country(),
                          EnumText(*registry::v1::Facility::Status_descriptor(), facility.status()),
                          absl::StrJoin(made, ", ")});
  }
  return table;
}

std::string CountryBriefText(const gateway::v1::CountryBrief& brief) {
  const auto& sections = brief.sections();
  return absl::StrCat(TitleText(brief.country().display_name(), brief.country().name()),
                      ListText("scores", sections.scores(), ScoreTable(brief.scores())),
                      ListText("shares of the world's output", sections.production(), ProductionTable(brief)),
                      ListText("measures", sections.measures(), NameTable(brief.measures())),
                      ListText("agreements", sections.agreements(), NameTable(brief.agreements())),
                      ListText("projects", sections.projects(), NameTable(brief.projects())),
                      ListText("facilities", sections.facilities(), FacilityTable(brief.facilities())),
                      TailText(brief));
}

std::string SupplierBriefText(const gateway::v1::SupplierBrief& brief) {
  return absl::StrCat(TitleText(brief.supplier().display_name(), brief.supplier().name()),
                      brief.has_score() ? absl::StrCat(ExplanationText(brief.score()), "\n") : "",
                      ListText("facilities", brief.sections().facilities(), FacilityTable(brief.facilities())),
                      ExposuresText(brief), TailText(brief));
}

std::string ProjectBriefText(const gateway::v1::ProjectBrief& brief) {
  return absl::StrCat(TitleText(brief.project().display_name(), brief.project().name()),
                      brief.has_outlook() ? absl::StrCat(ProjectOutlookText(brief.outlook()), "\n") : "",
                      ListText("agreements", brief.sections().agreements(), NameTable(brief.agreements())),
                      ListText("links", brief.sections().links(), LinkTable(brief.links())), TailText(brief));
}

Table MatchTable(const gateway::v1::SearchResponse& response) {
  Table table{{"NAME", "DISPLAY NAME", "SCORE"}, {}};
  for (const auto& result : response.results()) {
    std::string title = result.has_alert() ? result.alert().summary() : result.rule().display_name();
    if (result.has_entry()) {
      const Message* resource = ResourceOf(result.entry());
      const bool titled = resource != nullptr && resource->GetDescriptor()->FindFieldByName("display_name") != nullptr;
      title = titled ? PathText(*resource, "display_name") : "";
    }
    table.rows.push_back({result.name(), std::move(title), absl::StrFormat("%.2f", result.score())});
  }
  return table;
}

std::string FeedText(const gateway::v1::WatchFeedResponse& message) {
  switch (message.happened_case()) {
    case gateway::v1::WatchFeedResponse::kChanges:
      return ChangesText(message.changes());
    case gateway::v1::WatchFeedResponse::kScores:
      return ScoresText(message.scores());
    case gateway::v1::WatchFeedResponse::kAlert:
      return AlertEventText(message.alert());
    case gateway::v1::WatchFeedResponse::kStatus:
      return StatusText(message.status());
    case gateway::v1::WatchFeedResponse::HAPPENED_NOT_SET:
      return "";
  }
  return "";
}

std::string NestedSectionsText(const Message& answer) {
  std::string text;
  for (const auto& [name, section] : SectionsOf(answer)) {
    if (!IsWhole(*section)) {
      absl::StrAppend(&text, "! ", name, " is ",
                      absl::AsciiStrToUpper(EnumText(*SectionStatus::State_descriptor(), section->state())),
                      section->error().empty() ? "" : ": ", Printable(section->error()), "\n");
    }
  }
  return text;
}

std::string MissingNestedSections(const Message& answer) {
  std::vector<std::string> missing;
  for (const auto& [name, section] : SectionsOf(answer)) {
    if (!IsWhole(*section)) {
      missing.push_back(name);
    }
  }
  return absl::StrJoin(missing, ", ");
}

}  // namespace orewatch::ctl
