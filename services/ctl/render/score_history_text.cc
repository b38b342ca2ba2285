#include "services/ctl/render/score_history_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/util/time_util.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::util::TimeUtil;
using risk::v1::InputChange;
using risk::v1::ScoreChange;
using risk::v1::ScoreChanges;
using risk::v1::ScoreInput;
using risk::v1::ScoreRecord;

std::string CauseText(risk::v1::ChangeCause cause) { return EnumText(*risk::v1::ChangeCause_descriptor(), cause); }

std::string TimeText(const ScoreRecord& record) {
  return record.has_commit_time() ? TimeUtil::ToString(record.commit_time()) : "";
}

std::string StatusText(const ScoreRecord& record) {
  const std::string status = record.removed() ? "removed" : ShortCompletenessText(record.score());
  return record.superseded() ? absl::StrCat("superseded", status.empty() ? "" : ", ", status) : status;
}

std::string ValueText(const ScoreRecord& record) {
  if (record.removed()) {
    return "removed";
  }
  return record.score().has_value() ? ScoreValueText(record.score()) : "unset";
}

std::string EffectText(bool known, double effect) { return known ? absl::StrFormat("%+.4g", effect) : ""; }

// The figure as its source gives it, else the number used.
std::string FigureText(bool given, const ScoreInput& input) {
  if (!given) {
    return "";
  }
  std::string text = QuantityText(input.quantity());
  if (text.empty() && input.has_value()) {
    text = absl::StrFormat("%.4g", input.value());
  }
  return input.year() == 0 ? text : absl::StrCat(text, " (", input.year(), ")");
}

std::vector<std::string> InputRow(const InputChange& change) {
  const ScoreInput& input = change.has_after() ? change.after() : change.before();
  return {change.driver() ? "driver" : "moved",
          input.role(),
          input.country(),
          FigureText(change.has_before(), change.before()),
          FigureText(change.has_after(), change.after()),
          EffectText(change.has_effect(), change.effect())};
}

Table InputChanges(const ScoreChange& change) {
  Table table{{"WHY", "ROLE", "COUNTRY", "BEFORE", "AFTER", "EFFECT"}, {}};
  for (const InputChange& input : change.inputs()) {
    table.rows.push_back(InputRow(input));
  }
  return table;
}

std::string FirstDriver(const ScoreChange& change) {
  if (change.inputs().empty() || !change.inputs(0).driver()) {
    return "";
  }
  const InputChange& first = change.inputs(0);
  const ScoreInput& input = first.has_after() ? first.after() : first.before();
  return absl::StrCat(input.role(), " ", input.country());
}

Table Steps(const ScoreChanges& changes) {
  Table table{{"REVISION", "TIME", "VALUE", "EFFECT", "CAUSE", "FIRST DRIVER"}, {}};
  for (const ScoreChange& step : changes.steps()) {
    table.rows.push_back({absl::StrCat(step.after().score().changed_revision().number()), TimeText(step.after()),
                          ValueText(step.after()), EffectText(step.has_effect(), step.effect()),
                          CauseText(step.cause()), FirstDriver(step)});
  }
  return table;
}

std::string OverallText(const ScoreChange& overall) {
  return absl::StrCat(overall.has_before() ? ValueText(overall.before()) : "none", " to ", ValueText(overall.after()),
                      overall.has_effect() ? absl::StrCat(", ", EffectText(true, overall.effect())) : "",
                      overall.cause() == risk::v1::CHANGE_CAUSE_UNSPECIFIED ? "" : ", ", CauseText(overall.cause()));
}

std::string MoreText(int more, absl::string_view what) {
  return more == 0 ? "" : absl::StrCat("and ", more, " more ", what, "\n");
}

}  // namespace

Table HistoryTable(const risk::v1::ListScoreHistoryResponse& history) {
  Table table{{"REVISION", "TIME", "VALUE", "BAND", "TOP", "YEAR", "CAUSE", "PARAMETERS", "STATUS"}, {}};
  for (const ScoreRecord& record : history.records()) {
    const risk::v1::Score& score = record.score();
    table.rows.push_back({absl::StrCat(score.changed_revision().number()), TimeText(record), ScoreValueText(score),
                          EnumText(*risk::v1::Band_descriptor(), score.band()), TopCountryText(score),
                          score.reference_year() == 0 ? "" : absl::StrCat(score.reference_year()),
                          CauseText(score.change_cause()), score.parameter_set(), StatusText(record)});
  }
  return table;
}

Table YearsTable(const risk::v1::ListScoreYearsResponse& years) {
  Table table{{"YEAR", "VALUE", "BAND", "TOP", "STATUS"}, {}};
  for (const risk::v1::Score& score : years.scores()) {
    table.rows.push_back({absl::StrCat(score.reference_year()), ScoreValueText(score),
                          EnumText(*risk::v1::Band_descriptor(), score.band()), TopCountryText(score),
                          ShortCompletenessText(score)});
  }
  return table;
}

std::string ChangesText(const risk::v1::ScoreExplanation& explanation) {
  if (!explanation.has_changes()) {
    return "";
  }
  const ScoreChanges& changes = explanation.changes();
  std::string text = absl::StrCat("\nSince revision ", changes.since_revision(), ": ",
                                  changes.has_overall() ? OverallText(changes.overall()) : "no change", "\n");
  if (changes.has_begins()) {
    absl::StrAppend(&text, "The history begins at revision ", changes.begins().number(), ".\n");
  }
  if (changes.has_overall()) {
    absl::StrAppend(&text, "\n", TableText(InputChanges(changes.overall())),
                    MoreText(changes.overall().omitted_inputs(), "inputs"), "\n", TableText(Steps(changes)),
                    MoreText(changes.omitted_steps(), "steps"));
  }
  return text;
}

}  // namespace orewatch::ctl
