#include "services/alerting/domain/rule_check.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/alerting/domain/condition_check.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/target_check.h"
#include "services/alerting/domain/template.h"

namespace orewatch::alerting {
namespace {

constexpr size_t kMaxNameBytes = 256;
constexpr size_t kMaxReasonBytes = 4096;
constexpr size_t kMaxTexts = 32;
constexpr size_t kMaxTextBytes = 1024;
constexpr absl::Duration kMaxHold = absl::Hours(24 * 366);
constexpr int kMaxN = 60;
constexpr int kMaxFlappingTransitions = 100;
constexpr int kMaxAlerts = 1000000;
constexpr size_t kMaxInhibitors = 20;
// Number of the last orewatch.risk.v1.ChangeCause.
constexpr int kLastCause = 5;
// What delivery says of every alert.
constexpr std::array kReservedLabels{"alertname", "alert_id", "audience", "country", "importer", "mineral",
                                     "rule",      "severity", "source",   "stage",   "subject",  "tenant"};

using Violations = std::vector<Violation>;

void Add(absl::string_view field, absl::string_view description, Violations& violations) {
  violations.push_back({std::string(field), std::string(description)});
}

void CheckLength(absl::string_view field, absl::string_view text, size_t limit, Violations& violations) {
  if (text.size() > limit) {
    Add(field, absl::StrCat("must be at most ", limit, " bytes"), violations);
  }
}

template <typename Number>
void CheckRange(absl::string_view field, Number value, Number least, Number most, Violations& violations) {
  if (value < least || value > most) {
    Add(field, absl::StrCat("must be between ", least, " and ", most), violations);
  }
}

void CheckDuration(absl::string_view field, absl::Duration value, Violations& violations) {
  if (value < absl::ZeroDuration() || value > kMaxHold) {
    Add(field, absl::StrCat("must be between 0 and ", absl::FormatDuration(kMaxHold)), violations);
  }
}

// Takes over what the filter's equalities say; where the two disagree, nothing can match.
template <typename Value>
void Narrow(absl::string_view field, const Value& equality, Value& value, Violations& violations) {
  if (value != Value() && equality != Value() && value != equality) {
    Add("filter", absl::StrCat("asks for another ", field, " than target, so that nothing can match"), violations);
  }
  if (value == Value()) {
    value = equality;
  }
}

ScoreKey NarrowedTarget(const Rule& rule, Violations& violations) {
  ScoreKey target = rule.target;
  const ScoreKey& equalities = rule.filter.equalities();
  Narrow("subject", equalities.subject, target.subject, violations);
  Narrow("stage", equalities.stage, target.stage, violations);
  Narrow("importer", equalities.importer, target.importer, violations);
  Narrow("method", equalities.method, target.method, violations);
  return target;
}

void CheckNoTarget(const Rule& rule, const char* why, Violations& violations) {
  if (rule.target != ScoreKey()) {
    Add("target", why, violations);
  }
  if (!rule.filter.text().empty()) {
    Add("filter", why, violations);
  }
}

// A silence is about no score, and has its duration in the condition.
void CheckSilence(const Rule& rule, Violations& violations) {
  const char* kWhy = "must be unset: silent_input is about no score";
  CheckNoTarget(rule, kWhy, violations);
  if (rule.NeedsTicks()) {
    Add(rule.m_of_n.m > 0      ? "m_of_n"
        : rule.HoldTicks() > 0 ? "for"
                               : "keep_firing_for",
        "must be unset: silent_input.longer_than is the duration", violations);
  }
  if (rule.max_alerts != 0) {
    Add("max_alerts", kWhy, violations);
  }
}

void CheckSubjects(const Rule& rule, Violations& violations) {
  if (IsSilence(rule.condition)) {
    CheckSilence(rule, violations);
  } else if (IsOfScores(rule.condition)) {
    CheckTarget(NarrowedTarget(rule, violations), violations);
  } else {
    CheckNoTarget(rule, "must be unset: the condition says what it is about", violations);
    if (!rule.causes.empty()) {
      Add("causes", "must be unset: they are those of changes of one score", violations);
    }
    if (rule.new_subject_grace != absl::ZeroDuration()) {
      Add("new_subject_grace", "must be unset: it is for scores, which may be new", violations);
    }
  }
}

void CheckTiming(const Rule& rule, Violations& violations) {
  CheckDuration("for", rule.hold, violations);
  CheckDuration("keep_firing_for", rule.keep_firing, violations);
  CheckDuration("new_subject_grace", rule.new_subject_grace, violations);
  if (rule.m_of_n == MOfN()) {
    return;
  }
  CheckRange("m_of_n.n", rule.m_of_n.n, 2, kMaxN, violations);
  CheckRange("m_of_n.m", rule.m_of_n.m, 2, std::max(rule.m_of_n.n, 2), violations);
  if (rule.hold != absl::ZeroDuration()) {
    Add("m_of_n", "must be unset where `for` is set", violations);
  }
}

void CheckSeverity(const Rule& rule, Violations& violations) {
  if (rule.severity == Severity::kUnspecified) {
    Add("severity", "is required", violations);
  }
  CheckCondition(rule.condition, rule.severity, rule.levels, violations);
}

void CheckCauses(const std::vector<int>& causes, Violations& violations) {
  const std::set<int> known(causes.begin(), causes.end());
  if (known.size() != causes.size()) {
    Add("causes", "must not repeat anything", violations);
  }
  if (!known.empty() && (*known.begin() < 1 || *known.rbegin() > kLastCause)) {
    Add("causes", "must be causes of a change", violations);
  }
}

bool IsLabelName(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c == '_' || absl::ascii_isalnum(static_cast<unsigned char>(c)); });
}

// Of labels and annotations alike.
void CheckTexts(absl::string_view field, const std::map<std::string, std::string>& texts, Violations& violations) {
  if (texts.size() > kMaxTexts) {
    Add(field, absl::StrCat("must be at most ", kMaxTexts), violations);
  }
  for (const auto& [name, text] : texts) {
    CheckLength(field, name, kMaxNameBytes, violations);
    CheckLength(field, text, kMaxTextBytes, violations);
    if (!IsLabelName(name)) {
      Add(field, "must have keys of [a-zA-Z_][a-zA-Z0-9_]*", violations);
    }
  }
}

void CheckLabels(const Rule& rule, Violations& violations) {
  CheckTexts("labels", rule.labels, violations);
  for (const auto& [name, text] : rule.labels) {
    if (std::find(kReservedLabels.begin(), kReservedLabels.end(), name) != kReservedLabels.end()) {
      Add("labels", absl::StrCat("`", name, "` is set by the service"), violations);
    }
    // Alertmanager drops it, and the alert would be another one there.
    if (text.empty()) {
      Add("labels", absl::StrCat("`", name, "` must not be empty"), violations);
    }
  }
}

void CheckAnnotations(const Rule& rule, Violations& violations) {
  CheckTexts("annotations", rule.annotations, violations);
  for (const auto& [name, text] : rule.annotations) {
    std::string error;
    if (!Template::Parse(text, error).has_value()) {
      Add("annotations", absl::StrCat("`", name, "`: ", error), violations);
    }
  }
}

void CheckLimits(const Rule& rule, Violations& violations) {
  CheckRange("flapping.transitions", rule.flapping.transitions, 0, kMaxFlappingTransitions, violations);
  if (rule.flapping.transitions == 1) {
    Add("flapping.transitions", "must be 0 or at least 2", violations);
  }
  if (rule.flapping.transitions > 0 && (rule.flapping.window < kTick || rule.flapping.window > kMaxHold)) {
    Add("flapping.window",
        absl::StrCat("must be between ", absl::FormatDuration(kTick), " and ", absl::FormatDuration(kMaxHold)),
        violations);
  }
  CheckRange("max_alerts", rule.max_alerts, 0, kMaxAlerts, violations);
  CheckRange("digest_above", rule.digest_above, 0, kMaxAlerts, violations);
}

void CheckInhibitors(const Rule& rule, Violations& violations) {
  if (rule.inhibited_by.size() > kMaxInhibitors) {
    Add("inhibited_by", absl::StrCat("must be at most ", kMaxInhibitors), violations);
  }
  std::set<std::string> seen;
  for (const std::string& id : rule.inhibited_by) {
    if (!IsValidRuleId(id)) {
      Add("inhibited_by", "must be names of rules", violations);
    } else if (!seen.insert(id).second) {
      Add("inhibited_by", "must not repeat anything", violations);
    }
  }
}

}  // namespace

std::vector<Violation> Check(const Rule& rule) {
  Violations violations;
  CheckLength("display_name", rule.display_name, kMaxNameBytes, violations);
  CheckSubjects(rule, violations);
  CheckTiming(rule, violations);
  CheckSeverity(rule, violations);
  CheckCauses(rule.causes, violations);
  CheckLabels(rule, violations);
  CheckAnnotations(rule, violations);
  CheckLimits(rule, violations);
  CheckInhibitors(rule, violations);
  CheckLength("reason", rule.reason, kMaxReasonBytes, violations);
  return violations;
}

std::optional<Violation> CheckAmong(const std::map<std::string, Rule>& rules, const Rule& rule) {
  std::vector<const Rule*> open{&rule};
  std::set<std::string> seen;
  while (!open.empty()) {
    const Rule& muted = *open.back();
    open.pop_back();
    for (const std::string& id : muted.inhibited_by) {
      const auto found = rules.find(id);
      const Rule* by = id == rule.id ? &rule : found != rules.end() ? &found->second : nullptr;
      // A rule that those who see the muted one may not see mutes nothing.
      if (by == nullptr || !by->visibility.AdmitsAllOf(muted.visibility)) {
        continue;
      }
      if (by == &rule) {
        return Violation{"inhibited_by", "would make a circle, in which all are muted"};
      }
      if (seen.insert(id).second) {
        open.push_back(by);
      }
    }
  }
  return std::nullopt;
}

}  // namespace orewatch::alerting
