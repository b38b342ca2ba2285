#include "services/alerting/deliver/notification.h"

#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "common/status/status.h"
#include "services/alerting/deliver/firing_alert.h"
#include "services/alerting/deliver/json_text.h"

namespace orewatch::alerting {
namespace {

using nlohmann::json;

std::string TextOf(const json& object, const char* member) {
  const auto found = object.is_object() ? object.find(member) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const json& MemberOf(const json& object, const char* member) {
  static const json* const kNothing = new json();
  const auto found = object.is_object() ? object.find(member) : object.end();
  return found != object.end() ? *found : *kNothing;
}

NotifiedAlert ReadAlert(const json& object) {
  const json& annotations = MemberOf(object, "annotations");
  NotifiedAlert alert{.firing = TextOf(object, "status") == "firing",
                      .alert_id = TextOf(annotations, kAlertIdAnnotation),
                      .severity = TextOf(MemberOf(object, "labels"), kSeverityLabel)};
  if (!absl::SimpleAtoi(TextOf(annotations, kSequenceAnnotation), &alert.sequence) || alert.sequence < 0) {
    alert.sequence = 0;
  }
  return alert;
}

}  // namespace

absl::StatusOr<Notification> ParseNotification(absl::string_view body) {
  const json message = ParseJson(body);
  if (TextOf(message, "version") != "4") {
    return InvalidField("version", "must be \"4\"");
  }
  const json& alerts = MemberOf(message, "alerts");
  if (!alerts.is_array()) {
    return InvalidField("alerts", "must be a list");
  }
  Notification notification{
      .receiver = TextOf(message, "receiver"), .group_key = TextOf(message, "groupKey"), .alerts = {}};
  for (const json& alert : alerts) {
    const std::string status = TextOf(alert, "status");
    if (status != "firing" && status != "resolved") {
      return InvalidField("alerts.status", "must be firing or resolved");
    }
    notification.alerts.push_back(ReadAlert(alert));
  }
  return notification;
}

}  // namespace orewatch::alerting
