#include "services/alerting/api/converters.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"

namespace orewatch::alerting {
namespace {

constexpr char kRules[] = "rules/";
constexpr char kAlerts[] = "alerts/";
// A rule's id, a dash and a digest.
constexpr size_t kMaxAlertIdLength = 80;

static_assert(static_cast<int>(AlertState::kInactive) == v1::ALERT_STATE_INACTIVE);
static_assert(static_cast<int>(AlertState::kPending) == v1::ALERT_STATE_PENDING);
static_assert(static_cast<int>(AlertState::kFiring) == v1::ALERT_STATE_FIRING);
static_assert(static_cast<int>(AlertState::kResolved) == v1::ALERT_STATE_RESOLVED);
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
static_assert(kEuEconomicImportance2017 == risk::v1::METHOD_EU_ECONOMIC_IMPORTANCE_2017);

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

absl::StatusOr<Rule> FromProto(const std::string& id, const v1::Rule& rule) {
  Rule out = FromProto(rule);
  out.id = id;
  out.etag.clear();
  FieldViolations violations;
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
  ToProto(alert.certainty, out);
  return out;
}

v1::Alert::Transition ToProto(const Transition& transition) {
  v1::Alert::Transition out;
  out.set_from(static_cast<v1::AlertState>(transition.from));
  out.set_to(static_cast<v1::AlertState>(transition.after.state));
  *out.mutable_time() = orewatch::ToProto(transition.time);
  if (transition.after.value.has_value()) {
    out.set_value(*transition.after.value);
  }
  ToProto(transition.revision, *out.mutable_revision());
  out.set_reason(ReasonName(transition.reason));
  out.set_sequence(transition.after.sequence);
  return out;
}

}  // namespace orewatch::alerting
