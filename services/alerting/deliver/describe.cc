#include "services/alerting/deliver/describe.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "google/protobuf/util/json_util.h"
#include "services/alerting/api/converters.h"

namespace orewatch::alerting {
namespace {

// `STAGE_REFINE` as `refine`.
template <typename Name>
std::string Lower(const Name& name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

std::map<std::string, std::string> LabelsOf(const AlertKey& key) {
  std::map<std::string, std::string> labels = {{"alertname", key.rule},
                                               {"rule", RuleName(key.rule)},
                                               {"subject", key.score.subject},
                                               {"method", Lower(risk::v1::Method_Name(key.score.method), "METHOD_")},
                                               {kAudienceLabel, "risk"}};
  absl::string_view subject = key.score.subject;
  if (absl::ConsumePrefix(&subject, "minerals/")) {
    labels["mineral"] = std::string(subject);
  } else if (absl::ConsumePrefix(&subject, "countries/")) {
    labels["country"] = std::string(subject);
  }
  if (key.score.stage != 0) {
    labels["stage"] = Lower(type::v1::Stage_Name(key.score.stage), "STAGE_");
  }
  if (!key.score.importer.empty()) {
    labels["importer"] = key.score.importer;
  }
  return labels;
}

const char* KindOf(const Transition& transition) {
  if (transition.after.state != AlertState::kFiring) {
    return "resolved";
  }
  return transition.from == AlertState::kFiring ? "changed" : "fired";
}

}  // namespace

FiringAlert Describe(const RuledAlert& ruled, const Position& position) {
  const Alert& alert = ruled.alert;
  const v1::Alert message = ToProto(ruled, position);
  FiringAlert out;
  out.alert_id = alert.Id();
  out.labels = LabelsOf(alert.key);
  out.severity = alert.severity;
  out.annotations["summary"] = message.summary();
  if (ruled.rule.has_value() && !ruled.rule->reason.empty()) {
    out.annotations["description"] = ruled.rule->reason;
  }
  out.fire_time = alert.fire_time.value_or(absl::UnixEpoch());
  if (alert.state != AlertState::kFiring) {
    out.resolve_time = alert.resolve_time.value_or(out.fire_time);
  }
  out.sequence = alert.sequence;
  return out;
}

AlertEvent Describe(const Transition& transition, const std::optional<Rule>& rule, const Position& position) {
  v1::WatchAlertsResponse message;
  *message.mutable_alert() = ToProto(RuledAlert{.alert = transition.after, .rule = rule}, position);
  *message.mutable_transition() = ToProto(transition);
  AlertEvent event{.sequence = transition.after.sequence,
                   .alert_id = transition.after.Id(),
                   .kind = KindOf(transition),
                   .time = transition.time,
                   .data = ""};
  if (!google::protobuf::util::MessageToJsonString(message, &event.data).ok()) {
    event.data = "{}";
  }
  return event;
}

std::vector<FiringAlert> EngineAlerts::Snapshot(absl::Time ended_since) const {
  Position position;
  std::vector<FiringAlert> alerts;
  for (const RuledAlert& alert : engine_.view().FiringOrEndedSince(ended_since, position)) {
    alerts.push_back(Describe(alert, position));
  }
  return alerts;
}

absl::StatusOr<std::optional<AlertEvent>> EngineAlerts::Find(int64_t sequence, const std::string& /*principal*/) {
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<Transition> found, engine_.store().TransitionsAfter(sequence - 1, 1));
  if (found.empty() || found[0].after.sequence != sequence) {
    return std::nullopt;
  }
  return Describe(found[0], engine_.view().FindRule(found[0].after.key.rule), engine_.view().position());
}

}  // namespace orewatch::alerting
