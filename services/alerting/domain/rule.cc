#include "services/alerting/domain/rule.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/alerting/domain/fingerprint.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

constexpr size_t kMaxRuleIdLength = 63;
constexpr size_t kMaxNameBytes = 256;
constexpr size_t kMaxReasonBytes = 4096;
constexpr absl::Duration kMaxHold = absl::Hours(24 * 366);

bool IsIdCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '-';
}

void CheckLength(absl::string_view field, absl::string_view text, size_t limit, std::vector<Violation>& violations) {
  if (text.size() > limit) {
    violations.push_back({std::string(field), absl::StrCat("must be at most ", limit, " bytes")});
  }
}

// A name of another collection would match nothing, in silence.
void CheckName(absl::string_view field, absl::string_view name, std::initializer_list<absl::string_view> collections,
               std::vector<Violation>& violations) {
  CheckLength(field, name, kMaxNameBytes, violations);
  const bool known = std::any_of(collections.begin(), collections.end(), [&](absl::string_view collection) {
    return absl::StartsWith(name, collection) && name.size() > collection.size();
  });
  if (!name.empty() && !known) {
    violations.push_back(
        {std::string(field), absl::StrCat("must be empty or begin with ", absl::StrJoin(collections, " or "))});
  }
}

bool IsComputedOnRequestOnly(int method) {
  return method == kHhiNormalized || method == kHhiGovernanceExports || method == kHhiOwnership ||
         method == kOrewatchSupplier2026;
}

bool HasImporter(int method) {
  return method == kEuSupplyRisk2017 || method == kGeoPolRisk2024 || method == kUsgs2020 || method == kStockCover ||
         method == kOrewatch2026;
}

// A rule that no score can ever match would be silent for ever, and look as if all were well.
void CheckTarget(const ScoreKey& target, std::vector<Violation>& violations) {
  CheckName("target.subject", target.subject, {"minerals/", "countries/"}, violations);
  CheckName("target.importer", target.importer, {"countries/", "blocs/"}, violations);
  if (target.method == 0) {
    violations.push_back({"target.method", "is required"});
    return;
  }
  if (IsComputedOnRequestOnly(target.method)) {
    violations.push_back({"target.method", "is computed on request only, so that no rule can follow it"});
  }
  if (!HasImporter(target.method) && !target.importer.empty()) {
    violations.push_back({"target.importer", "must be empty: the method's scores have no importer"});
  }
  const bool of_country = target.method == kCountryGovernance;
  if ((of_country || target.method == kStockCover) && target.stage != 0) {
    violations.push_back({"target.stage", "must be unset: the method's scores have no stage"});
  }
  const absl::string_view collection = of_country ? "countries/" : "minerals/";
  if (!target.subject.empty() && !absl::StartsWith(target.subject, collection)) {
    violations.push_back({"target.subject", absl::StrCat("must begin with ", collection, " for this method")});
  }
}

void CheckThresholds(const Rule& rule, std::vector<Violation>& violations) {
  const bool raise_finite = std::isfinite(rule.raise_threshold);
  const bool clear_finite = std::isfinite(rule.clear_threshold);
  if (!raise_finite) {
    violations.push_back({"raise_threshold", "must be a finite number"});
  }
  if (!clear_finite) {
    violations.push_back({"clear_threshold", "must be a finite number"});
  }
  if (raise_finite && clear_finite && rule.clear_threshold > rule.raise_threshold) {
    violations.push_back({"clear_threshold", "must be at most raise_threshold"});
  }
}

}  // namespace

int64_t Rule::HoldTicks() const { return absl::ToInt64Minutes(absl::Ceil(hold, kTick)); }

bool IsValidRuleId(absl::string_view id) {
  if (id.empty() || id.size() > kMaxRuleIdLength || id.front() == '-') {
    return false;
  }
  for (const char c : id) {
    if (!IsIdCharacter(c)) {
      return false;
    }
  }
  return true;
}

std::vector<Violation> Check(const Rule& rule) {
  std::vector<Violation> violations;
  CheckLength("display_name", rule.display_name, kMaxNameBytes, violations);
  CheckTarget(rule.target, violations);
  CheckThresholds(rule, violations);
  if (rule.hold < absl::ZeroDuration() || rule.hold > kMaxHold) {
    violations.push_back({"for", absl::StrCat("must be between 0 and ", absl::FormatDuration(kMaxHold))});
  }
  if (rule.severity == Severity::kUnspecified) {
    violations.push_back({"severity", "is required"});
  }
  CheckLength("reason", rule.reason, kMaxReasonBytes, violations);
  return violations;
}

bool Matches(const Rule& rule, const ScoreKey& key) {
  const ScoreKey& target = rule.target;
  return !rule.disabled && target.method == key.method && (target.stage == 0 || target.stage == key.stage) &&
         (target.subject.empty() || target.subject == key.subject) &&
         (target.importer.empty() || target.importer == key.importer);
}

std::optional<double> Measured(const Rule& rule, const ScoreValue& score) {
  switch (rule.measured_by) {
    case Measure::kValue:
      return score.value;
    case Measure::kLowerBound:
      return score.certainty.lower;
    case Measure::kUpperBound:
      return score.certainty.upper;
  }
  return std::nullopt;
}

std::string EtagOf(const Rule& rule) {
  Fingerprint fingerprint;
  fingerprint.Add(rule.id)
      .Add(rule.display_name)
      .Add(rule.target.subject)
      .Add(rule.target.stage)
      .Add(rule.target.importer)
      .Add(rule.target.method)
      .Add(absl::StrCat(absl::Hex(std::bit_cast<uint64_t>(rule.raise_threshold))))
      .Add(absl::StrCat(absl::Hex(std::bit_cast<uint64_t>(rule.clear_threshold))))
      .Add(absl::ToInt64Nanoseconds(rule.hold))
      .Add(static_cast<int>(rule.severity))
      .Add(rule.reason)
      .Add(rule.disabled ? 1 : 0);
  // Added only where it was chosen, so that etags given out before there was a choice still hold.
  if (rule.measured_by != Measure::kValue) {
    fingerprint.Add(static_cast<int>(rule.measured_by));
  }
  if (rule.visibility != Visibility{}) {
    fingerprint.Add(rule.visibility.owner).Add(absl::StrJoin(rule.visibility.readers, " "));
  }
  return fingerprint.Hex();
}

}  // namespace orewatch::alerting
