#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/render/brief_text.h"
#include "services/ctl/render/gateway_text.h"
#include "services/ctl/render/partners_text.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

absl::Status RunMineralBrief(const Session& session, const std::string& name) {
  gateway::v1::GetMineralBriefRequest request;
  request.set_name(name);
  request.set_importer(ImporterName(session.options.importer));
  OREWATCH_ASSIGN_OR_RETURN(const auto brief,
                            session.client.Call<gateway::v1::MineralBrief>(kGateway, "GetMineralBrief", request));
  session.out << (session.options.format == Format::kTable
                      ? BriefText(brief)
                      : Rendered(session.options.format, brief, [&] { return ScoreTable(brief.scores()); }));
  return PartialAnswer(MissingSections(brief));
}

// Of a kind whose brief needs its name alone. `table`: what is shown as CSV.
template <typename Brief, typename Request>
absl::Status RunNamed(const Session& session, const std::string& name, absl::string_view method,
                      std::string (*text)(const Brief&), Table (*table)(const Brief&)) {
  if (!session.options.importer.empty()) {
    return UsageError("--importer is for the brief of a mineral");
  }
  Request request;
  request.set_name(name);
  OREWATCH_ASSIGN_OR_RETURN(const auto brief, session.client.Call<Brief>(kGateway, method, request));
  session.out << (session.options.format == Format::kTable ? text(brief) : Rendered(session.options.format, brief, [&] {
    return table(brief);
  }));
  return PartialAnswer(MissingNestedSections(brief));
}

}  // namespace

absl::Status RunBrief(const Session& session) {
  const std::string name = SubjectName(session.words.front());
  if (absl::StartsWith(name, "countries/")) {
    return RunNamed<gateway::v1::CountryBrief, gateway::v1::GetCountryBriefRequest>(session, name, "GetCountryBrief",
                                                                                    CountryBriefText, ProductionTable);
  }
  if (absl::StartsWith(name, "suppliers/")) {
    return RunNamed<gateway::v1::SupplierBrief, gateway::v1::GetSupplierBriefRequest>(
        session, name, "GetSupplierBrief", SupplierBriefText,
        [](const gateway::v1::SupplierBrief& brief) { return FacilityTable(brief.facilities()); });
  }
  if (absl::StartsWith(name, "projects/")) {
    return RunNamed<gateway::v1::ProjectBrief, gateway::v1::GetProjectBriefRequest>(
        session, name, "GetProjectBrief", ProjectBriefText,
        [](const gateway::v1::ProjectBrief& brief) { return OutlookTable(brief.outlook()); });
  }
  if (absl::StartsWith(name, "minerals/")) {
    return RunMineralBrief(session, name);
  }
  return UsageError(
      absl::StrCat("there are briefs of minerals, countries, suppliers and projects, not of \"", name, "\""));
}

}  // namespace orewatch::ctl
