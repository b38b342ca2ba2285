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

// To the second.
std::string TimeText(google::protobuf::Timestamp time) {
  time.set_nanos(0);
  return TimeUtil::ToString(time);
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

// Blank where complete, or where alerting does not know.
std::string StatusText(const Alert& alert) {
  return alert.has_completeness() ? ShortCompletenessText(ScoreOf(alert)) : "";
}

}  // namespace

Table AlertTable(const google::protobuf::RepeatedPtrField<Alert>& alerts) {
  Table table{{"STATE", "SEVERITY", "SUBJECT", "METHOD", "VALUE", "STATUS", "RULE", "SINCE"}, {}};
  for (const Alert& alert : alerts) {
    table.rows.push_back({absl::StrCat(StateText(alert.state()), alert.stale_input() ? " (stale)" : ""),
                          SeverityText(alert), SubjectText(alert.subject()), MethodText(alert.subject().method()),
                          ScoreValueText(ScoreOf(alert)), StatusText(alert),
                          std::string(absl::StripPrefix(alert.rule(), "rules/")), SinceText(alert)});
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

std::string TransitionText(const alerting::v1::WatchAlertsResponse& change) {
  const auto& transition = change.transition();
  return absl::StrCat(transition.sequence(), "  ", TimeText(transition.time()), "  ", StateText(transition.from()),
                      " -> ", StateText(transition.to()), "  ", SeverityText(change.alert()), "  ",
                      SubjectText(change.alert().subject()), "  ", transition.reason(), "  ",
                      Printable(change.alert().summary()), "\n");
}

}  // namespace orewatch::ctl
