#include "common/status/status.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/format.h"

namespace orewatch::ctl {

absl::Status RunWhoami(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(const auto caller, session.client.Call<gateway::v1::CallerInfo>(
                                                   kGateway, "GetCaller", gateway::v1::GetCallerRequest()));
  session.out << Rendered(session.options.format, caller, [&] {
    return Table{{"PRINCIPAL", "ROLE", "CREDENTIAL", "THROUGH"},
                 {{caller.principal(), EnumText(*access::v1::Role_descriptor(), caller.role()), caller.credential(),
                   caller.through()}}};
  });
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
