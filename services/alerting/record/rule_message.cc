#include "services/alerting/record/rule_message.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/time/proto_time.h"
#include "services/alerting/record/key_filter.h"
#include "services/alerting/record/score_message.h"
#include "services/alerting/record/visibility_message.h"

namespace orewatch::alerting {
namespace {

constexpr char kRules[] = "rules/";

static_assert(static_cast<int>(Severity::kInfo) == v1::SEVERITY_INFO);
static_assert(static_cast<int>(Severity::kWarning) == v1::SEVERITY_WARNING);
static_assert(static_cast<int>(Severity::kCritical) == v1::SEVERITY_CRITICAL);
static_assert(static_cast<int>(Measure::kValue) == v1::MEASURE_VALUE);
static_assert(static_cast<int>(Measure::kLowerBound) == v1::MEASURE_LOWER_BOUND);
static_assert(static_cast<int>(Measure::kUpperBound) == v1::MEASURE_UPPER_BOUND);
static_assert(static_cast<int>(Direction::kUp) == v1::DIRECTION_UP);
static_assert(static_cast<int>(Direction::kDown) == v1::DIRECTION_DOWN);
static_assert(static_cast<int>(Direction::kEither) == v1::DIRECTION_EITHER);
static_assert(static_cast<int>(NoDataPolicy::kKeep) == v1::NO_DATA_POLICY_KEEP);
static_assert(static_cast<int>(NoDataPolicy::kFire) == v1::NO_DATA_POLICY_FIRE);
static_assert(static_cast<int>(NoDataPolicy::kResolve) == v1::NO_DATA_POLICY_RESOLVE);
static_assert(static_cast<int>(Audience::kRisk) == v1::AUDIENCE_RISK);
static_assert(static_cast<int>(Audience::kPlatform) == v1::AUDIENCE_PLATFORM);
static_assert(static_cast<int>(Quantifier::kAll) == v1::Combination::QUANTIFIER_ALL);
static_assert(static_cast<int>(Quantifier::kAny) == v1::Combination::QUANTIFIER_ANY);
static_assert(kOwnerChanged == v1::Happening::STATE_OWNER_CHANGED);
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

// The first of an enum is what stands there when nothing does.
template <typename To, typename From>
To OrFirst(From value) {
  return value == 0 ? To{1} : static_cast<To>(value);
}

template <typename Message>
double ClearOf(const Message& message) {
  return message.has_clear() ? message.clear() : message.raise();
}

Threshold FromProto(const v1::Threshold& it) {
  return {.raise = it.raise(),
          .clear = ClearOf(it),
          .measured_by = OrFirst<Measure>(it.measured_by()),
          .direction = OrFirst<Direction>(it.direction())};
}

Change FromProto(const v1::Change& it) {
  return {.raise = it.raise(),
          .clear = ClearOf(it),
          .window = orewatch::FromProto(it.window()),
          .relative = it.relative(),
          .direction = OrFirst<Direction>(it.direction()),
          .measured_by = OrFirst<Measure>(it.measured_by())};
}

BandChange FromProto(const v1::BandChange& it) {
  return {.window = orewatch::FromProto(it.window()),
          .direction = OrFirst<Direction>(it.direction()),
          .at_least = it.at_least()};
}

MissingInput FromProto(const v1::MissingInput& it) { return {.worse_than = it.worse_than()}; }

Happening FromProto(const v1::Happening& it) {
  return {.states = {it.states().begin(), it.states().end()},
          .concerns = {it.concerns().begin(), it.concerns().end()},
          .before = orewatch::FromProto(it.before()),
          .hold = orewatch::FromProto(it.hold())};
}

Part PartOf(const v1::Combination::Part& part, const std::string& field, FieldViolations& violations) {
  Part out{.target = alerting::FromProto(part.target())};
  switch (part.condition_case()) {
    case v1::Combination::Part::kThreshold:
      out.condition = FromProto(part.threshold());
      break;
    case v1::Combination::Part::kChange:
      out.condition = FromProto(part.change());
      break;
    case v1::Combination::Part::kBandChange:
      out.condition = FromProto(part.band_change());
      break;
    case v1::Combination::Part::kMissingInput:
      out.condition = FromProto(part.missing_input());
      break;
    case v1::Combination::Part::kHappening:
      out.condition = FromProto(part.happening());
      break;
    case v1::Combination::Part::CONDITION_NOT_SET:
      violations.Add(absl::StrCat(field, ".condition"),
                     "is required: one of threshold, change, band_change, missing_input, happening");
      break;
  }
  return out;
}

Combination CombinationOf(const v1::Combination& it, FieldViolations& violations) {
  Combination out{.quantifier = static_cast<Quantifier>(it.quantifier()), .collection = it.subjects()};
  if (it.quantifier() == v1::Combination::QUANTIFIER_UNSPECIFIED) {
    violations.Add("rule.combination.quantifier", "is required");
  }
  for (int i = 0; i < it.parts_size(); ++i) {
    out.parts.push_back(PartOf(it.parts(i), absl::StrCat("rule.combination.parts[", i, "]"), violations));
  }
  return out;
}

Condition ConditionOf(const v1::Rule& rule, FieldViolations& violations) {
  switch (rule.condition_case()) {
    case v1::Rule::kThreshold:
      return FromProto(rule.threshold());
    case v1::Rule::kChange:
      return FromProto(rule.change());
    case v1::Rule::kBandChange:
      return FromProto(rule.band_change());
    case v1::Rule::kMissingInput:
      return FromProto(rule.missing_input());
    case v1::Rule::kSilentInput:
      return SilentInput{.longer_than = orewatch::FromProto(rule.silent_input().longer_than())};
    case v1::Rule::kHappening:
      return FromProto(rule.happening());
    case v1::Rule::kCombination:
      return CombinationOf(rule.combination(), violations);
    case v1::Rule::CONDITION_NOT_SET:
      break;
  }
  violations.Add("rule.condition", "is required, such as threshold, change, happening or combination");
  return Threshold();
}

// Into a rule, or into a part of a combination.
template <typename Message>
struct PartWriter {
  Message& out;

  void operator()(const Threshold& it) const {
    v1::Threshold& message = *out.mutable_threshold();
    message.set_raise(it.raise);
    message.set_clear(it.clear);
    message.set_measured_by(static_cast<v1::Measure>(it.measured_by));
    message.set_direction(static_cast<v1::Direction>(it.direction));
  }
  void operator()(const Change& it) const {
    v1::Change& message = *out.mutable_change();
    message.set_raise(it.raise);
    message.set_clear(it.clear);
    *message.mutable_window() = orewatch::ToProto(it.window);
    message.set_relative(it.relative);
    message.set_direction(static_cast<v1::Direction>(it.direction));
    message.set_measured_by(static_cast<v1::Measure>(it.measured_by));
  }
  void operator()(const BandChange& it) const {
    v1::BandChange& message = *out.mutable_band_change();
    *message.mutable_window() = orewatch::ToProto(it.window);
    message.set_direction(static_cast<v1::Direction>(it.direction));
    message.set_at_least(static_cast<risk::v1::Band>(it.at_least));
  }
  void operator()(const MissingInput& it) const {
    out.mutable_missing_input()->set_worse_than(static_cast<type::v1::Completeness::State>(it.worse_than));
  }
  void operator()(const Happening& it) const {
    v1::Happening& message = *out.mutable_happening();
    for (const int state : it.states) {
      message.add_states(static_cast<v1::Happening::State>(state));
    }
    message.mutable_concerns()->Assign(it.concerns.begin(), it.concerns.end());
    *message.mutable_before() = orewatch::ToProto(it.before);
    *message.mutable_hold() = orewatch::ToProto(it.hold);
  }
};

struct ConditionWriter : PartWriter<v1::Rule> {
  using PartWriter<v1::Rule>::operator();

  void operator()(const SilentInput& it) const {
    *out.mutable_silent_input()->mutable_longer_than() = orewatch::ToProto(it.longer_than);
  }
  void operator()(const Combination& it) const {
    v1::Combination& message = *out.mutable_combination();
    message.set_quantifier(static_cast<v1::Combination::Quantifier>(it.quantifier));
    message.set_subjects(it.collection);
    for (const Part& part : it.parts) {
      v1::Combination::Part& written = *message.add_parts();
      if (part.target != ScoreKey()) {
        ToProto(part.target, *written.mutable_target());
      }
      std::visit(PartWriter<v1::Combination::Part>{written}, part.condition);
    }
  }
};

std::vector<Level> LevelsOf(const v1::Rule& rule) {
  std::vector<Level> levels;
  for (const v1::Level& level : rule.levels()) {
    levels.push_back(
        {.severity = static_cast<Severity>(level.severity()), .raise = level.raise(), .clear = ClearOf(level)});
  }
  return levels;
}

Flapping FlappingOf(const v1::Rule& rule) {
  return rule.has_flapping() ? Flapping{.transitions = rule.flapping().transitions(),
                                        .window = orewatch::FromProto(rule.flapping().window())}
                             : Flapping{};
}

std::vector<std::string> InhibitorsOf(const v1::Rule& rule) {
  std::vector<std::string> ids;
  for (const std::string& name : rule.inhibited_by()) {
    // What is no name has no valid id, which Check reports.
    absl::string_view id = name;
    ids.emplace_back(absl::ConsumePrefix(&id, kRules) ? id : absl::string_view());
  }
  return ids;
}

KeyFilter FilterOf(const v1::Rule& rule, FieldViolations& violations) {
  absl::StatusOr<KeyFilter> filter = ParseKeyFilter(rule.filter());
  violations.AddAll("rule.", filter.status());
  return filter.ok() ? *std::move(filter) : KeyFilter();
}

}  // namespace

std::string RuleName(absl::string_view id) { return absl::StrCat(kRules, id); }

v1::Rule ToProto(const Rule& rule) {
  v1::Rule out;
  out.set_name(RuleName(rule.id));
  out.set_display_name(rule.display_name);
  if (rule.target != ScoreKey()) {
    ToProto(rule.target, *out.mutable_target());
  }
  out.set_filter(rule.filter.text());
  std::visit(ConditionWriter{{out}}, rule.condition);
  *out.mutable_for_() = orewatch::ToProto(rule.hold);
  if (rule.m_of_n != MOfN()) {
    out.mutable_m_of_n()->set_m(rule.m_of_n.m);
    out.mutable_m_of_n()->set_n(rule.m_of_n.n);
  }
  *out.mutable_keep_firing_for() = orewatch::ToProto(rule.keep_firing);
  out.set_severity(static_cast<v1::Severity>(rule.severity));
  for (const Level& level : rule.levels) {
    v1::Level& message = *out.add_levels();
    message.set_severity(static_cast<v1::Severity>(level.severity));
    message.set_raise(level.raise);
    message.set_clear(level.clear);
  }
  for (const int cause : rule.causes) {
    out.add_causes(static_cast<risk::v1::ChangeCause>(cause));
  }
  out.set_no_data_policy(static_cast<v1::NoDataPolicy>(rule.no_data));
  out.set_audience(static_cast<v1::Audience>(rule.audience));
  out.mutable_labels()->insert(rule.labels.begin(), rule.labels.end());
  out.mutable_annotations()->insert(rule.annotations.begin(), rule.annotations.end());
  out.mutable_flapping()->set_transitions(rule.flapping.transitions);
  *out.mutable_flapping()->mutable_window() = orewatch::ToProto(rule.flapping.window);
  out.set_max_alerts(rule.max_alerts);
  *out.mutable_new_subject_grace() = orewatch::ToProto(rule.new_subject_grace);
  out.set_digest_above(rule.digest_above);
  for (const std::string& id : rule.inhibited_by) {
    out.add_inhibited_by(RuleName(id));
  }
  out.set_reason(rule.reason);
  out.set_disabled(rule.disabled);
  if (rule.visibility != Visibility()) {
    ToProto(rule.visibility, *out.mutable_visibility());
  }
  out.set_etag(rule.etag);
  return out;
}

Rule FromProto(const v1::Rule& rule, FieldViolations& violations) {
  return {.id = std::string(absl::StripPrefix(rule.name(), kRules)),
          .display_name = rule.display_name(),
          .target = FromProto(rule.target()),
          .filter = FilterOf(rule, violations),
          .condition = ConditionOf(rule, violations),
          .hold = orewatch::FromProto(rule.for_()),
          .m_of_n = {.m = rule.m_of_n().m(), .n = rule.m_of_n().n()},
          .keep_firing = orewatch::FromProto(rule.keep_firing_for()),
          .severity = static_cast<Severity>(rule.severity()),
          .levels = LevelsOf(rule),
          .causes = {rule.causes().begin(), rule.causes().end()},
          .no_data = OrFirst<NoDataPolicy>(rule.no_data_policy()),
          .audience = OrFirst<Audience>(rule.audience()),
          .labels = {rule.labels().begin(), rule.labels().end()},
          .annotations = {rule.annotations().begin(), rule.annotations().end()},
          .flapping = FlappingOf(rule),
          .max_alerts = rule.max_alerts(),
          .new_subject_grace = orewatch::FromProto(rule.new_subject_grace()),
          .digest_above = rule.has_digest_above() ? rule.digest_above() : Rule::kDefaultDigestAbove,
          .inhibited_by = InhibitorsOf(rule),
          .reason = rule.reason(),
          .disabled = rule.disabled(),
          .visibility = FromProto(rule.visibility()),
          .etag = rule.etag()};
}

}  // namespace orewatch::alerting
