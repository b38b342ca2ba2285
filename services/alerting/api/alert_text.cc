#include "services/alerting/api/alert_text.h"

#include <string>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "services/alerting/api/converters.h"
#include "services/alerting/domain/template.h"

namespace orewatch::alerting {
namespace {

// `STAGE_REFINE` as `refine`.
template <typename Name>
std::string Lower(const Name& name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

// ` 4896 [3287, ?] INCOMPLETE: WITHHELD:US +1`: the value, its bounds where it is not exact, and what was missing.
std::string DescribeValue(const Alert& alert) {
  if (!alert.value.has_value()) {
    return " unknown";
  }
  const Certainty& certainty = alert.certainty;
  std::string text = absl::StrCat(" ", *alert.value);
  if (certainty.lower.has_value() && certainty.lower != certainty.upper) {
    absl::StrAppend(&text, " [", *certainty.lower, ", ", certainty.upper ? absl::StrCat(*certainty.upper) : "?", "]");
  }
  if (certainty.completeness == type::v1::Completeness::STATE_INCOMPLETE) {
    const auto& reasons = certainty.reasons;
    absl::StrAppend(&text, " INCOMPLETE", reasons.empty() ? "" : ": ", reasons.empty() ? "" : reasons.front(),
                    reasons.size() > 1 ? absl::StrCat(" +", reasons.size() - 1) : "");
  }
  return text;
}

// `the lower bound ` where a rule does not look at the value.
const char* DescribeMeasure(Measure measure) {
  switch (measure) {
    case Measure::kValue:
      return "";
    case Measure::kLowerBound:
      return "the lower bound ";
    case Measure::kUpperBound:
      return "the upper bound ";
  }
  return "";
}

std::string DescribeThresholds(const Threshold& it) {
  const bool up = it.direction == Direction::kUp;
  return absl::StrCat(DescribeMeasure(it.measured_by), up ? "raised at " : "raised at or below ", it.raise,
                      up ? ", cleared below " : ", cleared above ", it.clear);
}

std::string DescribeSize(const Change& it, double size) {
  return it.relative ? absl::StrCat(size * 100, "%") : absl::StrCat(size);
}

const char* DescribeDirection(Direction direction) {
  switch (direction) {
    case Direction::kUp:
      return "rise";
    case Direction::kDown:
      return "fall";
    case Direction::kEither:
      return "change";
  }
  return "";
}

// `measure in force`.
std::string DescribeHappeningState(int state) {
  return absl::StrReplaceAll(Lower(v1::Happening::State_Name(static_cast<v1::Happening::State>(state)), "STATE_"),
                             {{"_", " "}});
}

// `impact confirmed (minerals/gallium) from 2026-03-01`.
std::string DescribeHappened(const Spell& spell) {
  return absl::StrCat(
      DescribeHappeningState(spell.state), spell.about.empty() ? "" : absl::StrCat(" (", spell.about, ")"),
      spell.from.has_value() ? absl::FormatTime(" from %Y-%m-%d", *spell.from, absl::UTCTimeZone()) : "");
}

struct ConditionText {
  std::string operator()(const Threshold& it) const { return DescribeThresholds(it); }
  std::string operator()(const Change& it) const {
    return absl::StrCat(DescribeMeasure(it.measured_by), "raised by a ", DescribeDirection(it.direction), " of ",
                        DescribeSize(it, it.raise), " within ", absl::FormatDuration(it.window));
  }
  std::string operator()(const BandChange& it) const {
    return absl::StrCat("raised by a ", DescribeDirection(it.direction), " of its band within ",
                        absl::FormatDuration(it.window));
  }
  std::string operator()(const MissingInput& it) const {
    const auto state = static_cast<type::v1::Completeness::State>(it.worse_than);
    return absl::StrCat("raised when worse than ", Lower(type::v1::Completeness::State_Name(state), "STATE_"));
  }
  std::string operator()(const SilentInput& it) const {
    return absl::StrCat("raised when nothing has come for ", absl::FormatDuration(it.longer_than));
  }
  std::string operator()(const Happening& it) const {
    const auto state = [](std::string* out, int number) { out->append(DescribeHappeningState(number)); };
    return absl::StrCat(
        "raised by ", absl::StrJoin(it.states, " or ", state),
        it.before > absl::ZeroDuration() ? absl::StrCat(" from ", absl::FormatDuration(it.before), " ahead") : "",
        it.hold > absl::ZeroDuration() ? absl::StrCat(" for ", absl::FormatDuration(it.hold)) : "");
  }
  std::string operator()(const Combination& it) const {
    return absl::StrCat("raised when ", it.quantifier == Quantifier::kAll ? "all" : "any", " of ", it.parts.size(),
                        " conditions are met");
  }
};

std::string DescribeStage(int stage) {
  return stage == 0 ? "" : Lower(type::v1::Stage_Name(static_cast<type::v1::Stage>(stage)), "STAGE_");
}

std::string DescribeMethod(int method) {
  return method == 0 ? "" : Lower(risk::v1::Method_Name(static_cast<risk::v1::Method>(method)), "METHOD_");
}

// What an alert of the rule itself says.
std::string SummarizeRule(const RuledAlert& ruled) {
  if (ruled.rule.has_value() && IsSilence(ruled.rule->condition)) {
    return "nothing comes from risk or the registry; scores and alerts are as they were";
  }
  return absl::StrCat("too many alerts: ", ruled.alert.value.value_or(0), " more would fire");
}

// What is known of a subject that is no score.
std::string DescribeSubject(const Alert& alert) {
  return absl::StrCat(alert.value.has_value() ? absl::StrCat(", ", *alert.value, " conditions met") : "",
                      alert.happened.has_value() ? absl::StrCat(", ", DescribeHappened(alert.happened->spell)) : "");
}

std::string SummarizeSubject(const RuledAlert& ruled) {
  const ScoreKey& key = ruled.alert.key.score;
  std::string text = key.subject;
  if (key.stage != 0) {
    absl::StrAppend(&text, " at stage ", DescribeStage(key.stage));
  }
  if (!key.importer.empty()) {
    absl::StrAppend(&text, " for ", key.importer);
  }
  if (key.method == 0) {
    absl::StrAppend(&text, DescribeSubject(ruled.alert));
  } else {
    absl::StrAppend(&text, ", ", DescribeMethod(key.method), DescribeValue(ruled.alert));
  }
  if (ruled.rule.has_value()) {
    absl::StrAppend(&text, " (", std::visit(ConditionText(), ruled.rule->condition), ")");
  }
  return text;
}

std::string Summarize(const RuledAlert& ruled) {
  const bool titled = ruled.rule.has_value() && !ruled.rule->display_name.empty();
  return absl::StrCat(titled ? ruled.rule->display_name : RuleName(ruled.alert.key.rule), ": ",
                      ruled.alert.OfRule() ? SummarizeRule(ruled) : SummarizeSubject(ruled));
}

std::string NumberText(std::optional<double> number) { return number.has_value() ? absl::StrCat(*number) : "unknown"; }

std::string TextOf(const Alert& alert, const Rule& rule, Field field) {
  const ScoreKey& key = alert.key.score;
  switch (field) {
    case Field::kAlert:
      return AlertName(alert.Id());
    case Field::kRule:
      return RuleName(rule.id);
    case Field::kDisplayName:
      return rule.display_name;
    case Field::kReason:
      return rule.reason;
    case Field::kSubject:
      return key.subject;
    case Field::kStage:
      return DescribeStage(key.stage);
    case Field::kImporter:
      return key.importer;
    case Field::kMethod:
      return DescribeMethod(key.method);
    case Field::kState:
      return Lower(v1::AlertState_Name(static_cast<v1::AlertState>(alert.state)), "ALERT_STATE_");
    case Field::kSeverity:
      return Lower(v1::Severity_Name(static_cast<v1::Severity>(alert.severity)), "SEVERITY_");
    case Field::kValue:
      return NumberText(alert.value);
    case Field::kLower:
      return NumberText(alert.certainty.lower);
    case Field::kUpper:
      return NumberText(alert.certainty.upper);
    case Field::kCompleteness:
      return Lower(
          type::v1::Completeness::State_Name(static_cast<type::v1::Completeness::State>(alert.certainty.completeness)),
          "STATE_");
    case Field::kCause:
      return Lower(risk::v1::ChangeCause_Name(static_cast<risk::v1::ChangeCause>(alert.cause)), "CHANGE_CAUSE_");
    case Field::kTopCountry:
      return alert.top_country;
    case Field::kHappened:
      return alert.happened.has_value() ? DescribeHappened(alert.happened->spell) : "";
    case Field::kInhibitedBy:
      return alert.inhibited_by.has_value() ? AlertName(Alert{.key = *alert.inhibited_by}.Id()) : "";
  }
  return "";
}

}  // namespace

void Describe(const RuledAlert& ruled, v1::Alert& out) {
  out.set_summary(Summarize(ruled));
  if (!ruled.rule.has_value()) {
    return;
  }
  const Rule& rule = *ruled.rule;
  out.set_audience(static_cast<v1::Audience>(rule.audience));
  out.mutable_labels()->insert(rule.labels.begin(), rule.labels.end());
  for (const auto& [name, text] : rule.annotations) {
    std::string error;
    const std::optional<Template> parsed = Template::Parse(text, error);
    if (parsed.has_value()) {
      (*out.mutable_annotations())[name] =
          parsed->Render([&](Field field) { return TextOf(ruled.alert, rule, field); });
    }
  }
}

}  // namespace orewatch::alerting
