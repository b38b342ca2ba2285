#include "common/status/status.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/render/gateway_text.h"

namespace orewatch::ctl {

absl::Status RunOverview(const Session& session) {
  gateway::v1::GetOverviewRequest request;
  request.set_critical_list(session.options.critical_list);
  request.set_importer(ImporterName(session.options.importer));
  request.set_limit(session.options.limit);
  OREWATCH_ASSIGN_OR_RETURN(const auto overview,
                            session.client.Call<gateway::v1::Overview>(kGateway, "GetOverview", request));
  session.out << (session.options.format == Format::kTable
                      ? OverviewText(overview)
                      : Rendered(session.options.format, overview, [&] { return OverviewTable(overview); }));
  return PartialAnswer(MissingSections(overview));
}

}  // namespace orewatch::ctl
