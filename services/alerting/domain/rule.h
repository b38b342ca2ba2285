// Rules: which scores raise an alert, and when.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/alerting/domain/condition.h"
#include "services/alerting/domain/score.h"
#include "services/alerting/domain/severity.h"
#include "services/alerting/domain/violation.h"
#include "services/alerting/domain/visibility.h"

namespace orewatch::alerting {

// What follows where a score has nothing to judge; the numbers are those of orewatch.alerting.v1.NoDataPolicy.
enum class NoDataPolicy { kKeep = 1, kFire = 2, kResolve = 3 };

// Whose business an alert is; the numbers are those of orewatch.alerting.v1.Audience.
enum class Audience { kRisk = 1, kPlatform = 2 };

// A filter over keys of scores, by its text. Who makes one knows its language. Immutable, cheap to copy.
class KeyFilter {
 public:
  class Test {
   public:
    virtual ~Test() = default;
    virtual bool Passes(const ScoreKey& key) const = 0;
  };

  // Passes everything.
  KeyFilter() = default;
  // `equalities` is what every key that passes has; empty fields: anything.
  KeyFilter(std::string text, ScoreKey equalities, std::shared_ptr<const Test> test)
      : text_(std::move(text)), equalities_(std::move(equalities)), test_(std::move(test)) {}

  const std::string& text() const { return text_; }
  const ScoreKey& equalities() const { return equalities_; }
  bool Passes(const ScoreKey& key) const { return test_ == nullptr || test_->Passes(key); }

  friend bool operator==(const KeyFilter& a, const KeyFilter& b) { return a.text_ == b.text_; }

 private:
  std::string text_;
  ScoreKey equalities_;
  std::shared_ptr<const Test> test_;
};

// The condition must be met at `m` of the last `n` ticks; m 0: this does not apply.
struct MOfN {
  int m = 0;
  int n = 0;

  friend bool operator==(const MOfN&, const MOfN&) = default;
};

// So many changes between firing and resolved within a window are too many to be told one by one; 0: never.
struct Flapping {
  int transitions = 6;
  absl::Duration window = absl::Hours(1);

  // It ends when this many are left within the window.
  size_t CalmTransitions() const { return static_cast<size_t>(transitions) / 2; }

  friend bool operator==(const Flapping&, const Flapping&) = default;
};

struct Rule {
  std::string id;
  std::string display_name;
  // Empty fields match all; the method is required here or as an equality of the filter.
  ScoreKey target;
  KeyFilter filter = {};
  Condition condition = {};
  // How long the condition must hold before the alert fires.
  absl::Duration hold = absl::ZeroDuration();
  MOfN m_of_n = {};
  // How long it must have cleared before the alert resolves.
  absl::Duration keep_firing = absl::ZeroDuration();
  Severity severity = Severity::kUnspecified;
  // Worse and worse.
  std::vector<Level> levels = {};
  // Numbers of orewatch.risk.v1.ChangeCause that may raise; empty: any. One that is not known may always.
  std::vector<int> causes = {};
  NoDataPolicy no_data = NoDataPolicy::kKeep;
  Audience audience = Audience::kRisk;
  std::map<std::string, std::string> labels = {};
  // Templates.
  std::map<std::string, std::string> annotations = {};
  Flapping flapping = {};
  // Alerts that may fire at once; 0: any number.
  int max_alerts = 0;
  // Alerts about a score that has been there for less time are not told.
  absl::Duration new_subject_grace = absl::ZeroDuration();
  // More alerts than this that one step would tell are told as one; 0: never.
  int digest_above = kDefaultDigestAbove;
  // Ids of rules whose firing alerts about the same country or mineral mute those of this one.
  std::vector<std::string> inhibited_by = {};
  std::string reason;
  bool disabled = false;
  Visibility visibility = {};
  // Derived from the rest by EtagOf.
  std::string etag = {};

  static constexpr int kDefaultDigestAbove = 20;

  // In ticks of the grid, rounded up; 0: the alert fires, or resolves, at once.
  int64_t HoldTicks() const;
  int64_t KeepFiringTicks() const;
  // Judged on the grid alone, as far as it raises.
  bool Waits() const { return HoldTicks() > 0 || m_of_n.m > 0 || IsCombination(condition); }
  // The condition may become met by time alone.
  bool MovesWithTime() const { return WindowTicks(condition) > 0 || IsHappening(condition); }
  // Something may follow from time alone.
  bool NeedsTicks() const { return Waits() || KeepFiringTicks() > 0 || MovesWithTime(); }
  bool Counts(int cause) const;

  friend bool operator==(const Rule&, const Rule&) = default;
};

// `[a-z0-9][a-z0-9-]{0,62}`.
bool IsValidRuleId(absl::string_view id);

bool FieldsMatch(const ScoreKey& target, const ScoreKey& key);

// Whether a rule that is not disabled speaks about a score.
bool Matches(const Rule& rule, const ScoreKey& key);
// The same, or a part of its combination does.
bool Reads(const Rule& rule, const ScoreKey& key);

// Changes with every change of the rule.
std::string EtagOf(const Rule& rule);

}  // namespace orewatch::alerting
