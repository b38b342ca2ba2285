// What rules and alerts must do, read once more from docs/api/alerting.md: slow, without indexes, and sharing nothing
// with the reconciler but the types of what goes in.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/rule.h"
#include "services/alerting/domain/world.h"

namespace orewatch::testing {

// Takes the steps that a Reconciler takes. Thread-compatible.
class AlertReference {
 public:
  void Put(const alerting::Rule& rule, absl::Time now);
  void Delete(const std::string& id, absl::Time now);
  bool Apply(const alerting::ScoreBatch& batch, absl::Time now);
  void TickTo(absl::Time time, absl::Time now);
  void Lose(absl::Time now);
  void BeSilent(absl::Time now);

  // Each alert that ever left the inactive state, in words.
  std::map<std::string, std::string> Alerts() const;
  // What has been told since the last call, sorted.
  std::vector<std::string> TakeTold();

 private:
  enum class Verdict { kMet, kBetween, kCleared, kUnknown };
  enum class When { kRevision, kTick, kEdit };
  struct State {
    std::optional<double> value, lower, upper;
    int band = 0;
    bool operator==(const State&) const = default;
  };
  struct Score {
    State now;
    int completeness = 0;
    int cause = 0;
    std::string top_country;
    absl::Time first_seen;
    // By the first tick; the last is the state now.
    std::map<int64_t, State> history;
  };
  struct Judgement {
    Verdict verdict = Verdict::kUnknown;
    std::optional<double> size = std::nullopt;  // of a change, or the value
    bool broken = false;
    bool missing = false;
    bool counts = true;
  };
  struct Row {
    alerting::AlertState state = alerting::AlertState::kInactive;
    alerting::Severity severity = alerting::Severity::kUnspecified;
    std::string top_country;
    bool exists = false, held_back = false, stale = false, missing = false, broken = false;
    bool flapping = false, announced = false, quiet = false;
    std::optional<alerting::AlertKey> inhibited_by;
    // While pending: ticks at which it is known to have been met, and up to which tick that has been counted.
    int64_t met = 0, counted_to = 0;
    std::deque<bool> last;
    // While firing: the same of ticks at which it had cleared.
    bool clearing = false;
    int64_t cleared = 0, cleared_to = 0;
    std::vector<absl::Time> flips;
  };
  struct Event {
    alerting::AlertKey key;
    std::string what;
    alerting::AlertState from, to;
    bool by_condition = false;
    alerting::Severity severity = alerting::Severity::kUnspecified;
  };

  static bool Live(const Row& row);
  static bool Speaks(const alerting::Rule& rule, const alerting::ScoreKey& key);
  Judgement Judge(const alerting::Rule& rule, const Score& score, int64_t tick) const;
  static alerting::Severity SeverityFor(const alerting::Rule& rule, const Judgement& judgement, const Row& before);
  void Look(const alerting::Rule& rule, const alerting::ScoreKey& key, When when);
  void Raise(const alerting::Rule& rule, const Judgement& judgement, When when, int64_t tick, Row& row);
  void Count(const alerting::Rule& rule, const Judgement& judgement, int64_t tick, Row& row);
  void Clear(const alerting::Rule& rule, const Judgement& judgement, When when, int64_t tick, Row& row);
  void Turn(const alerting::AlertKey& key, alerting::AlertState to, bool by_condition, Row& row);
  void EndFromOutside(const alerting::AlertKey& key, Row& row);
  void TakeScore(const alerting::ScoreValue& received);
  void HearAgain();
  void Settle(const std::string& edited, bool tick);
  void Limit(const alerting::Rule& rule);
  void RuleAlert(const alerting::Rule& rule, bool fires);
  void JudgeSilence();
  void CountFlips();
  void Calm(const std::string& edited, bool tick);
  std::optional<alerting::AlertKey> Inhibitor(const alerting::Rule& rule, const alerting::AlertKey& key,
                                              const Row& row) const;
  void Mute();
  void Tell();
  // By rule, and whether they fire.
  using Texts = std::map<std::pair<std::string, bool>, std::vector<std::string>>;
  void TellTogether(alerting::Audience audience, bool firing, const Texts& states, std::vector<std::string>& told);

  std::map<std::string, alerting::Rule> rules_;
  std::map<alerting::ScoreKey, Score> scores_;
  std::map<alerting::AlertKey, Row> rows_;
  alerting::Revision applied_;
  int64_t tick_ = 0;
  std::optional<absl::Time> silent_since_;
  absl::Time time_;
  std::vector<Event> events_;
  std::vector<std::string> told_;
};

}  // namespace orewatch::testing
