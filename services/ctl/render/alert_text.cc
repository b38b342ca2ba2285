#include "services/ctl/render/alert_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/time_util.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/import/values.h"

namespace orewatch::ctl {
namespace {

using alerting::v1::Alert;
using ::google::protobuf::util::TimeUtil;

std::string StateText(alerting::v1::AlertState state) {
  return absl::AsciiStrToUpper(EnumText(*alerting::v1::AlertState_descriptor(), state));
}

std::string SeverityText(const Alert& alert) {
  return EnumText(*alerting::v1::Severity_descriptor(), alert.severity());
}

std::string SubjectText(const risk::v1::ScoreKey& key) {
  const std::string stage = EnumText(*type::v1::Stage_descriptor(), key.stage());
  const absl::string_view subject = absl::StripPrefix(absl::StripPrefix(key.subject(), "minerals/"), "countries/");
  return absl::StrCat(subject, stage.empty() ? "" : " ", stage, key.importer().empty() ? "" : " for ",
                      absl::StripPrefix(key.importer(), "countries/"));
}

std::string SinceText(const Alert& alert) {
  if (alert.has_resolve_time()) {
    return TimeUtil::ToString(alert.resolve_time());
  }
  return TimeUtil::ToString(alert.has_fire_time() ? alert.fire_time() : alert.pending_time());
}

bool HasTime(const Alert& alert) {
  return alert.has_resolve_time() || alert.has_fire_time() || alert.has_pending_time();
}

}  // namespace

Table AlertTable(const google::protobuf::RepeatedPtrField<Alert>& alerts) {
  Table table{{"STATE", "SEVERITY", "SUBJECT", "VALUE", "RULE", "SINCE", "SUMMARY"}, {}};
  for (const Alert& alert : alerts) {
    table.rows.push_back({absl::StrCat(StateText(alert.state()), alert.stale_input() ? " (stale)" : ""),
                          SeverityText(alert), SubjectText(alert.subject()),
                          alert.has_value() ? NumberText(alert.value()) : "",
                          std::string(absl::StripPrefix(alert.rule(), "rules/")),
                          HasTime(alert) ? SinceText(alert) : "", alert.summary()});
  }
  return table;
}

std::string TransitionText(const alerting::v1::WatchAlertsResponse& change) {
  const auto& transition = change.transition();
  return absl::StrCat(transition.sequence(), "  ", TimeUtil::ToString(transition.time()), "  ",
                      StateText(transition.from()), " -> ", StateText(transition.to()), "  ",
                      SeverityText(change.alert()), "  ", SubjectText(change.alert().subject()), "  ",
                      transition.reason(), "  ", change.alert().summary(), "\n");
}

}  // namespace orewatch::ctl
