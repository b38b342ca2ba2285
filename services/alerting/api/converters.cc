#include "services/alerting/api/converters.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "services/alerting/api/visibility_message.h"
#include "services/alerting/domain/attention.h"

namespace orewatch::alerting {
namespace {

constexpr char kRules[] = "rules/";
constexpr char kAlerts[] = "alerts/";
// A rule's id, a dash and a digest.
constexpr size_t kMaxAlertIdLength = 96;

static_assert(static_cast<int>(AlertState::kInactive) == v1::ALERT_STATE_INACTIVE);
static_assert(static_cast<int>(AlertState::kPending) == v1::ALERT_STATE_PENDING);
static_assert(static_cast<int>(AlertState::kFiring) == v1::ALERT_STATE_FIRING);
static_assert(static_cast<int>(AlertState::kResolved) == v1::ALERT_STATE_RESOLVED);
static_assert(static_cast<int>(Severity::kInfo) == v1::SEVERITY_INFO);
static_assert(static_cast<int>(Severity::kWarning) == v1::SEVERITY_WARNING);
static_assert(static_cast<int>(Severity::kCritical) == v1::SEVERITY_CRITICAL);
static_assert(static_cast<int>(EntryKind::kStateChanged) == v1::AlertEvent::KIND_STATE_CHANGED);
static_assert(static_cast<int>(EntryKind::kAcknowledgementEnded) == v1::AlertEvent::KIND_ACKNOWLEDGEMENT_ENDED);
static_assert(static_cast<int>(EntryKind::kSnoozeEnded) == v1::AlertEvent::KIND_SNOOZE_ENDED);
static_assert(static_cast<int>(EntryKind::kAssigned) == v1::AlertEvent::KIND_ASSIGNED);
static_assert(static_cast<int>(EntryKind::kNotified) == v1::AlertEvent::KIND_NOTIFIED);
static_assert(kEuSupplyRisk2017 == risk::v1::METHOD_EU_SUPPLY_RISK_2017);
static_assert(kCountryGovernance == risk::v1::METHOD_COUNTRY_GOVERNANCE);
static_assert(kHhiNormalized == risk::v1::METHOD_HHI_NORMALIZED);
static_assert(kHhiGovernanceExports == risk::v1::METHOD_HHI_GOVERNANCE_EXPORTS);
static_assert(kOrewatchSupplier2026 == risk::v1::METHOD_OREWATCH_SUPPLIER_2026);
static_assert(kGeoPolRisk2024 == risk::v1::METHOD_GEOPOLRISK_2024);
static_assert(kUsgs2020 == risk::v1::METHOD_USGS_2020);
static_assert(kStockCover == risk::v1::METHOD_STOCK_COVER);
static_assert(kOrewatch2026 == risk::v1::METHOD_OREWATCH_2026);
static_assert(kHhiOwnership == risk::v1::METHOD_HHI_OWNERSHIP);
static_assert(static_cast<int>(Measure::kValue) == v1::MEASURE_VALUE);
static_assert(static_cast<int>(Measure::kLowerBound) == v1::MEASURE_LOWER_BOUND);
static_assert(static_cast<int>(Measure::kUpperBound) == v1::MEASURE_UPPER_BOUND);

ScoreKey FromProto(const risk::v1::ScoreKey& key) {
  return {.subject = key.subject(), .stage = key.stage(), .importer = key.importer(), .method = key.method()};
}

void ToProto(const ScoreKey& key, risk::v1::ScoreKey& out) {
  out.set_subject(key.subject);
  out.set_stage(static_cast<type::v1::Stage>(key.stage));
  out.set_importer(key.importer);
  out.set_method(static_cast<risk::v1::Method>(key.method));
}

void ToProto(const Certainty& certainty, v1::Alert& out) {
  if (certainty.lower.has_value()) {
    out.mutable_bounds()->set_lower(*certainty.lower);
    if (certainty.upper.has_value()) {
      out.mutable_bounds()->set_upper(*certainty.upper);
    }
  }
  if (certainty.completeness != 0) {
    out.mutable_completeness()->set_state(static_cast<type::v1::Completeness::State>(certainty.completeness));
    out.mutable_completeness()->mutable_reasons()->Assign(certainty.reasons.begin(), certainty.reasons.end());
  }
}

void PeopleToProto(const Alert& alert, v1::Alert& out) {
  if (const auto& ack = alert.acknowledgement; ack.has_value()) {
    v1::Acknowledgement& shown = *out.mutable_acknowledgement();
    shown.set_principal(ack->principal);
    *shown.mutable_create_time() = orewatch::ToProto(ack->time);
    shown.set_comment(ack->comment);
    *shown.mutable_expire_time() = orewatch::ToProto(ack->expire_time);
    if (ack->remind_time.has_value()) {
      *shown.mutable_remind_time() = orewatch::ToProto(*ack->remind_time);
    }
  }
  if (const auto& snooze = alert.snooze; snooze.has_value()) {
    v1::Snooze& shown = *out.mutable_snooze();
    shown.set_principal(snooze->principal);
    *shown.mutable_create_time() = orewatch::ToProto(snooze->time);
    shown.set_comment(snooze->comment);
    *shown.mutable_expire_time() = orewatch::ToProto(snooze->expire_time);
  }
  out.set_assignee(alert.assignee);
  out.set_muted(IsMuted(alert));
  out.set_resolved_by_hand(alert.resolved_by_hand);
  out.set_resolve_reason(ReasonName(alert.resolve_reason));
}

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

// One line for the person who is woken by it.
std::string Summarize(const Alert& alert, const std::optional<Rule>& rule) {
  const ScoreKey& key = alert.key.score;
  const bool titled = rule.has_value() && !rule->display_name.empty();
  std::string text = absl::StrCat(titled ? rule->display_name : RuleName(alert.key.rule), ": ", key.subject);
  if (key.stage != 0) {
    absl::StrAppend(&text, " at stage ", Lower(type::v1::Stage_Name(key.stage), "STAGE_"));
  }
  if (!key.importer.empty()) {
    absl::StrAppend(&text, " for ", key.importer);
  }
  absl::StrAppend(&text, ", ", Lower(risk::v1::Method_Name(key.method), "METHOD_"));
  absl::StrAppend(&text, DescribeValue(alert));
  if (rule.has_value()) {
    absl::StrAppend(&text, " (", DescribeMeasure(rule->measured_by), "raised at ", rule->raise_threshold,
                    ", cleared below ", rule->clear_threshold, ")");
  }
  return text;
}

}  // namespace

std::string RuleName(absl::string_view id) { return absl::StrCat(kRules, id); }
std::string AlertName(absl::string_view id) { return absl::StrCat(kAlerts, id); }

absl::StatusOr<std::string> ParseRuleName(absl::string_view field, absl::string_view name) {
  if (!absl::ConsumePrefix(&name, kRules) || !IsValidRuleId(name)) {
    return InvalidField(field, "must be rules/{rule}");
  }
  return std::string(name);
}

absl::StatusOr<std::string> ParseAlertName(absl::string_view field, absl::string_view name) {
  const bool prefixed = absl::ConsumePrefix(&name, kAlerts);
  if (!prefixed || name.empty() || name.size() > kMaxAlertIdLength || absl::StrContains(name, '/')) {
    return InvalidField(field, "must be alerts/{alert}");
  }
  return std::string(name);
}

v1::Rule ToProto(const Rule& rule) {
  v1::Rule out;
  out.set_name(RuleName(rule.id));
  out.set_display_name(rule.display_name);
  ToProto(rule.target, *out.mutable_target());
  out.set_raise_threshold(rule.raise_threshold);
  out.set_clear_threshold(rule.clear_threshold);
  *out.mutable_for_() = orewatch::ToProto(rule.hold);
  out.set_severity(static_cast<v1::Severity>(rule.severity));
  out.set_reason(rule.reason);
  out.set_disabled(rule.disabled);
  out.set_etag(rule.etag);
  out.set_measured_by(static_cast<v1::Measure>(rule.measured_by));
  if (!rule.visibility.Public()) {
    ToProto(rule.visibility, *out.mutable_visibility());
  }
  return out;
}

absl::StatusOr<Rule> FromProto(const std::string& id, const v1::Rule& rule) {
  Rule out{.id = id,
           .display_name = rule.display_name(),
           .target = FromProto(rule.target()),
           .raise_threshold = rule.raise_threshold(),
           .clear_threshold = rule.has_clear_threshold() ? rule.clear_threshold() : rule.raise_threshold(),
           .hold = orewatch::FromProto(rule.for_()),
           .severity = static_cast<Severity>(rule.severity()),
           .reason = rule.reason(),
           .disabled = rule.disabled(),
           .etag = "",
           .measured_by = rule.measured_by() == v1::MEASURE_UNSPECIFIED ? Measure::kValue
                                                                        : static_cast<Measure>(rule.measured_by())};
  FieldViolations violations;
  out.visibility = FromProto(rule.visibility(), "rule.visibility.", violations);
  for (const Violation& violation : Check(out)) {
    violations.Add(absl::StrCat("rule.", violation.field), violation.description);
  }
  if (rule.target().normalization_n() != 0) {
    violations.Add("rule.target.normalization_n", "must be unset: no rule can follow the method that it is for");
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return out;
}

v1::Alert ToProto(const RuledAlert& ruled, const Position& position) {
  const Alert& alert = ruled.alert;
  v1::Alert out;
  out.set_name(AlertName(alert.Id()));
  out.set_rule(RuleName(alert.key.rule));
  ToProto(alert.key.score, *out.mutable_subject());
  out.set_state(static_cast<v1::AlertState>(alert.state));
  out.set_severity(static_cast<v1::Severity>(alert.severity));
  if (alert.value.has_value()) {
    out.set_value(*alert.value);
  }
  out.set_stale_input(!position.input_live);
  out.set_summary(Summarize(alert, ruled.rule));
  if (alert.pending_time.has_value()) {
    *out.mutable_pending_time() = orewatch::ToProto(*alert.pending_time);
  }
  if (alert.fire_time.has_value()) {
    *out.mutable_fire_time() = orewatch::ToProto(*alert.fire_time);
  }
  if (alert.resolve_time.has_value()) {
    *out.mutable_resolve_time() = orewatch::ToProto(*alert.resolve_time);
  }
  out.set_sequence(alert.sequence);
  out.set_etag(EtagOf(alert));
  ToProto(alert.certainty, out);
  PeopleToProto(alert, out);
  return out;
}

v1::AlertEvent ToProto(const TimelineEntry& entry) {
  v1::AlertEvent out;
  out.set_kind(static_cast<v1::AlertEvent::Kind>(entry.kind));
  out.set_from(static_cast<v1::AlertState>(entry.from));
  out.set_to(static_cast<v1::AlertState>(entry.after.state));
  *out.mutable_time() = orewatch::ToProto(entry.time);
  if (entry.after.value.has_value()) {
    out.set_value(*entry.after.value);
  }
  out.set_severity(static_cast<v1::Severity>(entry.after.severity));
  ToProto(entry.revision, *out.mutable_revision());
  out.set_reason(ReasonName(entry.reason));
  out.set_sequence(entry.after.sequence);
  out.set_principal(entry.principal);
  out.set_text(entry.text);
  return out;
}

void ToProto(const Revision& revision, type::v1::Revision& out) {
  out.set_lineage(revision.lineage);
  out.set_number(revision.number);
}

}  // namespace orewatch::alerting
