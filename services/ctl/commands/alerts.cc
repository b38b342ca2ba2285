#include "common/status/status.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/ctl/client/kinds.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/render/alert_text.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::Message;

}  // namespace

absl::Status RunAlerts(const Session& session) {
  alerting::v1::AlertState state = alerting::v1::ALERT_STATE_FIRING;
  if (!session.options.state.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(state, StateOf(session.options));
  }
  OREWATCH_ASSIGN_OR_RETURN(const Kind* kind, FindKind("alerts"));
  OREWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<Message> response,
                            ListAll(session.client, *kind, [&](Message& request) {
                              static_cast<alerting::v1::ListAlertsRequest&>(request).set_state(state);
                            }));
  const auto& alerts = static_cast<const alerting::v1::ListAlertsResponse&>(*response).alerts();
  session.out << Rendered(session.options.format, *response, [&] { return AlertTable(alerts); });
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
