#include "services/ctl/render/rehearsal_text.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/alert_text.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

using alerting::v1::TestedFiring;
using alerting::v1::TestRuleResponse;

std::string DaysText(int64_t seconds) { return absl::StrCat((seconds + 43200) / 86400, " days"); }

std::string CountText(int64_t count, absl::string_view what) {
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

// What was looked at.
std::string ReadText(const TestRuleResponse& response) {
  std::string things = CountText(response.thing_count(), "thing");
  if (response.score_count() == 0 && response.thing_count() > 0) {
    return things;
  }
  std::string scores = CountText(response.score_count(), "score");
  return response.thing_count() > 0 ? absl::StrCat(scores, " and ", things) : scores;
}

// To the second.
std::string DurationText(int64_t seconds) { return absl::FormatDuration(absl::Seconds(seconds)); }

// What keeps the counts from being the whole truth.
std::string CaveatsText(const TestRuleResponse& response) {
  std::string text;
  if (response.score_count() == 0 && response.thing_count() == 0) {
    absl::StrAppend(&text, "the rule matches nothing: nothing can be said\n");
  }
  if (response.has_history_begins()) {
    absl::StrAppend(&text, "what was before ", TimeText(response.history_begins().commit_time()), " is not known\n");
  }
  const int64_t omitted = response.firing_count() + response.standing_count() - response.firings_size();
  if (omitted > 0) {
    absl::StrAppend(&text, "the oldest ", omitted, " are not listed\n");
  }
  return text;
}

}  // namespace

Table FiringTable(const google::protobuf::RepeatedPtrField<TestedFiring>& firings) {
  Table table{{"FIRED", "RESOLVED", "SEVERITY", "SUBJECT", "METHOD", "VALUE", "WHY", "NOTIFIED"}, {}};
  for (const TestedFiring& firing : firings) {
    const bool of_rule = firing.subject().subject().empty();
    table.rows.push_back(
        {TimeText(firing.fire_time()), firing.has_resolve_time() ? TimeText(firing.resolve_time()) : "",
         EnumText(*alerting::v1::Severity_descriptor(), firing.severity()),
         of_rule ? "" : SubjectText(firing.subject()), of_rule ? "" : MethodText(firing.subject().method()),
         firing.has_value() ? absl::StrCat(firing.value()) : "", firing.reason(), firing.notified() ? "yes" : "no"});
  }
  return table;
}

std::string RehearsalText(absl::string_view rule, const TestRuleResponse& response) {
  std::string text = absl::StrCat(
      rule.empty() ? "it" : Printable(rule), " would have fired ", CountText(response.firing_count(), "time"), " in ",
      DaysText(response.end_time().seconds() - response.start_time().seconds()), " and told of ",
      response.notified_count(), ", in ", CountText(response.notification_count(), "notification"), "\n");
  if (response.standing_count() > 0) {
    absl::StrAppend(&text, response.standing_count(), " fired already\n");
  }
  absl::StrAppend(&text, "firing for ", DurationText(response.firing_duration().seconds()), " in all; ",
                  ReadText(response), " up to revision ", response.revision().number(), "\n", CaveatsText(response));
  return response.firings().empty() ? text : absl::StrCat(text, "\n", TableText(FiringTable(response.firings())));
}

}  // namespace orewatch::ctl
