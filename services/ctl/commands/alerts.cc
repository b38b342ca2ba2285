#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/client/kinds.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/alert_text.h"

namespace orewatch::ctl {
namespace {

using alerting::v1::AlertState;
using ::google::protobuf::Message;

// `all` is the unspecified state, which matches every alert.
absl::StatusOr<AlertState> StateOf(absl::string_view text) {
  if (text == "all") {
    return alerting::v1::ALERT_STATE_UNSPECIFIED;
  }
  const absl::StatusOr<int> state = ParseEnum(*alerting::v1::AlertState_descriptor(), text);
  if (!state.ok()) {
    return UsageError(absl::StrCat("--state: ", state.status().message(), ", all"));
  }
  return static_cast<AlertState>(*state);
}

}  // namespace

absl::Status RunAlerts(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(const AlertState state, StateOf(session.options.state));
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
