#include "services/ctl/render/alert_text.h"

#include <functional>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/time_util.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

using alerting::v1::Alert;
using alerting::v1::AlertEvent;
using ::google::protobuf::util::TimeUtil;

std::string StateText(alerting::v1::AlertState state) {
  return absl::AsciiStrToUpper(EnumText(*alerting::v1::AlertState_descriptor(), state));
}

std::string SeverityText(alerting::v1::Severity severity) {
  return EnumText(*alerting::v1::Severity_descriptor(), severity);
}

// Blank for what never began.
std::string SinceText(const Alert& alert) {
  if (alert.has_resolve_time()) {
    return TimeText(alert.resolve_time());
  }
  if (alert.has_fire_time()) {
    return TimeText(alert.fire_time());
  }
  return alert.has_pending_time() ? TimeText(alert.pending_time()) : "";
}

// `PENDING -> FIRING`, or what happened beside the state.
std::string WhatText(const AlertEvent& event) {
  const bool changed = event.kind() == AlertEvent::KIND_STATE_CHANGED;
  return changed ? absl::StrCat(StateText(event.from()), " -> ", StateText(event.to()))
                 : EnumText(*AlertEvent::Kind_descriptor(), event.kind());
}

// The reason, or who, and what was said.
std::string WhyText(const AlertEvent& event) {
  return absl::StrCat(event.principal().empty() ? event.reason() : absl::StrCat("by ", Printable(event.principal())),
                      event.text().empty() ? "" : absl::StrCat(": ", Printable(event.text())));
}

// Who has it and who wants quiet; nothing of neither.
std::string PeopleText(const Alert& alert) {
  std::string text;
  const auto add = [&](absl::string_view what, const auto& muting) {
    absl::StrAppend(&text, what, " by ", Printable(muting.principal()), " until ", TimeText(muting.expire_time()),
                    muting.comment().empty() ? "" : absl::StrCat(": ", Printable(muting.comment())), "\n");
  };
  if (!alert.assignee().empty()) {
    absl::StrAppend(&text, "assigned to ", Printable(alert.assignee()), "\n");
  }
  if (alert.has_acknowledgement()) {
    add("acknowledged", alert.acknowledgement());
  }
  if (alert.has_snooze()) {
    add("snoozed", alert.snooze());
  }
  if (alert.resolved_by_hand()) {
    absl::StrAppend(&text, "resolved by hand; fires again only after the condition has cleared\n");
  }
  return text;
}

// The change behind the state, and what could not be had.
std::string CauseText(const alerting::v1::AlertExplanation& explanation) {
  const auto& cause = explanation.cause();
  std::string text = absl::StrCat("caused by revision ", cause.revision().number());
  if (cause.has_principal()) {
    absl::StrAppend(&text, " of ", TimeText(cause.commit_time()), " by ", Printable(cause.principal().subject()),
                    cause.request_id().empty() ? "" : absl::StrCat(", request ", Printable(cause.request_id())));
  }
  for (const std::string& name : cause.names()) {
    absl::StrAppend(&text, "\n  ", Printable(name));
  }
  absl::StrAppend(&text, cause.more() ? "\n  and more\n" : "\n");
  for (const std::string& missing : explanation.missing()) {
    absl::StrAppend(&text, "not explained: ", missing, "\n");
  }
  return text;
}

// What the alert shows of its score.
risk::v1::Score ScoreOf(const Alert& alert) {
  risk::v1::Score score;
  *score.mutable_key() = alert.subject();
  if (alert.has_value()) {
    score.set_value(alert.value());
  }
  if (alert.has_bounds()) {
    *score.mutable_bounds() = alert.bounds();
  }
  *score.mutable_completeness() = alert.completeness();
  return score;
}

// `measure-in-force from 2026-11-10`, and what of the thing is in that state.
std::string HappenedText(const alerting::v1::Happened& happened) {
  constexpr size_t kDate = 10;
  return absl::StrCat(
      EnumText(*alerting::v1::Happening::State_descriptor(), happened.state()),
      happened.about().empty() ? "" : absl::StrCat(" (", Printable(happened.about()), ")"),
      happened.has_start_time() ? absl::StrCat(" from ", TimeText(happened.start_time()).substr(0, kDate)) : "");
}

// Blank where complete, or where alerting does not know.
std::string StatusText(const Alert& alert) {
  if (alert.has_happened()) {
    return HappenedText(alert.happened());
  }
  return alert.has_completeness() ? ShortCompletenessText(ScoreOf(alert)) : "";
}

// Of a combination how many of its conditions are met.
std::string ValueText(const Alert& alert) {
  const bool of_score = alert.subject().method() != risk::v1::METHOD_UNSPECIFIED;
  return of_score || !alert.has_value() ? ScoreValueText(ScoreOf(alert)) : absl::StrCat(alert.value(), " met");
}

}  // namespace

std::string SubjectText(const risk::v1::ScoreKey& key) {
  const std::string stage = EnumText(*type::v1::Stage_descriptor(), key.stage());
  const absl::string_view subject = absl::StripPrefix(absl::StripPrefix(key.subject(), "minerals/"), "countries/");
  return absl::StrCat(subject, stage.empty() ? "" : " ", stage, key.importer().empty() ? "" : " for ",
                      absl::StripPrefix(key.importer(), "countries/"));
}

std::string TimeText(google::protobuf::Timestamp time) {
  time.set_nanos(0);
  return TimeUtil::ToString(time);
}

Table AlertTable(const google::protobuf::RepeatedPtrField<Alert>& alerts) {
  Table table{{"STATE", "SEVERITY", "SUBJECT", "METHOD", "VALUE", "STATUS", "RULE", "SINCE"}, {}};
  for (const Alert& alert : alerts) {
    table.rows.push_back(
        {absl::StrCat(StateText(alert.state()), alert.stale_input() ? " (stale)" : "", alert.muted() ? " (muted)" : ""),
         SeverityText(alert.severity()), SubjectText(alert.subject()), MethodText(alert.subject().method()),
         ValueText(alert), StatusText(alert), std::string(absl::StripPrefix(alert.rule(), "rules/")),
         SinceText(alert)});
  }
  return table;
}

Table NamedAlertTable(const google::protobuf::RepeatedPtrField<Alert>& alerts) {
  Table table = AlertTable(alerts);
  table.header.push_back("ALERT");
  for (int i = 0; i < alerts.size(); ++i) {
    table.rows[static_cast<size_t>(i)].push_back(std::string(absl::StripPrefix(alerts[i].name(), "alerts/")));
  }
  return table;
}

std::string SeverityCountsText(const google::protobuf::RepeatedPtrField<Alert>& alerts) {
  std::map<alerting::v1::Severity, int, std::greater<>> counts;
  for (const Alert& alert : alerts) {
    ++counts[alert.severity()];
  }
  return absl::StrJoin(counts, ", ", [](std::string* out, const auto& count) {
    absl::StrAppend(out, count.second, " ", EnumText(*alerting::v1::Severity_descriptor(), count.first));
  });
}

std::string AlertEventText(const alerting::v1::WatchAlertsResponse& message) {
  const AlertEvent& event = message.event();
  return absl::StrCat(event.sequence(), "  ", TimeText(event.time()), "  ", WhatText(event), "  ",
                      SeverityText(message.alert().severity()), "  ", SubjectText(message.alert().subject()), "  ",
                      WhyText(event), "  ", Printable(message.alert().summary()), "\n");
}

Table AlertEventTable(const google::protobuf::RepeatedPtrField<AlertEvent>& events) {
  Table table{{"TIME", "WHAT", "SEVERITY", "WHO", "WHY", "TEXT", "REVISION"}, {}};
  for (const AlertEvent& event : events) {
    table.rows.push_back({TimeText(event.time()), WhatText(event), SeverityText(event.severity()), event.principal(),
                          event.reason(), event.text(), absl::StrCat(event.revision().number())});
  }
  return table;
}

std::string AlertText(const Alert& alert) {
  std::string text = absl::StrCat(Printable(alert.summary()), "\n", Printable(alert.name()), "  ",
                                  StateText(alert.state()), alert.stale_input() ? " (stale)" : "", "  ",
                                  SeverityText(alert.severity()), "  since ", SinceText(alert), "\n");
  absl::StrAppend(&text, PeopleText(alert));
  if (alert.has_explanation()) {
    absl::StrAppend(&text, CauseText(alert.explanation()));
    if (alert.explanation().score().has_score()) {
      absl::StrAppend(&text, "\n", ExplanationText(alert.explanation().score()));
    }
  }
  return alert.events().empty() ? text : absl::StrCat(text, "\n", TableText(AlertEventTable(alert.events())));
}

}  // namespace orewatch::ctl
