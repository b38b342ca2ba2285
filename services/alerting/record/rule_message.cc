#include "services/alerting/record/rule_message.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/time/proto_time.h"
#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {
namespace {

constexpr char kRules[] = "rules/";

static_assert(static_cast<int>(Severity::kInfo) == v1::SEVERITY_INFO);
static_assert(static_cast<int>(Severity::kWarning) == v1::SEVERITY_WARNING);
static_assert(static_cast<int>(Severity::kCritical) == v1::SEVERITY_CRITICAL);
static_assert(static_cast<int>(Measure::kValue) == v1::MEASURE_VALUE);
static_assert(static_cast<int>(Measure::kLowerBound) == v1::MEASURE_LOWER_BOUND);
static_assert(static_cast<int>(Measure::kUpperBound) == v1::MEASURE_UPPER_BOUND);

}  // namespace

std::string RuleName(absl::string_view id) { return absl::StrCat(kRules, id); }

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
  return out;
}

Rule FromProto(const v1::Rule& rule) {
  return {.id = std::string(absl::StripPrefix(rule.name(), kRules)),
          .display_name = rule.display_name(),
          .target = FromProto(rule.target()),
          .raise_threshold = rule.raise_threshold(),
          .clear_threshold = rule.has_clear_threshold() ? rule.clear_threshold() : rule.raise_threshold(),
          .hold = orewatch::FromProto(rule.for_()),
          .severity = static_cast<Severity>(rule.severity()),
          .reason = rule.reason(),
          .disabled = rule.disabled(),
          .etag = rule.etag(),
          .measured_by = rule.measured_by() == v1::MEASURE_UNSPECIFIED ? Measure::kValue
                                                                       : static_cast<Measure>(rule.measured_by())};
}

}  // namespace orewatch::alerting
