#include "common/status/status.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/render/gateway_text.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {

absl::Status RunBrief(const Session& session) {
  gateway::v1::GetMineralBriefRequest request;
  request.set_name(SubjectName(session.words.front()));
  request.set_importer(ImporterName(session.options.importer));
  OREWATCH_ASSIGN_OR_RETURN(const auto brief,
                            session.client.Call<gateway::v1::MineralBrief>(kGateway, "GetMineralBrief", request));
  session.out << (session.options.format == Format::kTable
                      ? BriefText(brief)
                      : Rendered(session.options.format, brief, [&] { return ScoreTable(brief.scores()); }));
  return PartialAnswer(MissingSections(brief));
}

}  // namespace orewatch::ctl
