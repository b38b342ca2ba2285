// Random histories: however they reach the reconciler, what fires is what a plain reading of the rules says.
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/reconciler.h"

namespace orewatch::alerting {
namespace {

constexpr int kHistories = 60;
constexpr int kTicks = 60;
constexpr int kSubjects = 4;
constexpr int64_t kStart = 5000;
constexpr double kRaise = 10;
constexpr double kClear = 7;

using Value = std::optional<double>;
// What the scores become within one minute, in order: revision after revision.
using Minute = std::vector<ScoreValue>;
using History = std::vector<Minute>;

ScoreKey Key(int subject) {
  return {.subject = absl::StrCat("minerals/m", subject), .stage = 1, .importer = "", .method = 1};
}

Rule RuleThatHolds(int ticks) {
  Rule rule;
  rule.id = absl::StrCat("hold-", ticks);
  rule.target.method = 1;
  rule.condition = Threshold{.raise = kRaise, .clear = kClear};
  rule.hold = ticks * kTick;
  rule.severity = Severity::kWarning;
  // What is told is not looked at here.
  rule.flapping.transitions = 0;
  return rule;
}

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  int Below(int limit) { return static_cast<int>(engine_() % static_cast<uint32_t>(limit)); }
  // Around the thresholds, and exactly on them, so that every branch is taken often.
  Value NextValue() { return Below(8) == 0 ? Value() : Value(4 + Below(10)); }
  History NextHistory() {
    History history(kTicks);
    int64_t revision = 0;
    for (Minute& minute : history) {
      for (int left = Below(4); left > 0; --left) {
        minute.push_back({.key = Key(Below(kSubjects)), .value = NextValue(), .revision = ++revision});
      }
    }
    return history;
  }

 private:
  std::mt19937 engine_;
};

// A world that lives through a history, and everything that happened in it.
struct Life {
  World world;
  std::vector<Transition> transitions;

  explicit Life(const std::vector<int>& holds) {
    Reconciler step(world, TimeOf(kStart));
    step.AdvanceGrid();
    for (const int hold : holds) {
      step.PutRule(RuleThatHolds(hold));
    }
    Keep(step.TakeChanges());
  }
  void Keep(const Changes& changes) {
    transitions.insert(transitions.end(), changes.transitions.begin(), changes.transitions.end());
  }
  void Apply(std::vector<ScoreValue> scores, int64_t revision, absl::Time now, bool complete = false) {
    Reconciler step(world, now);
    ScoreBatch batch;
    batch.revision.lineage = "l";
    batch.revision.number = revision;
    batch.complete = complete;
    batch.scores = std::move(scores);
    step.ApplyScores(batch);
    Keep(step.TakeChanges());
  }
  void Tick(int64_t tick) {
    Reconciler step(world, TimeOf(tick));
    step.AdvanceGrid();
    Keep(step.TakeChanges());
  }
  // Each revision on its own.
  void Live(const Minute& minute, int64_t tick) {
    absl::Time now = TimeOf(tick - 1);
    for (const ScoreValue& score : minute) {
      now += absl::Seconds(1);
      Apply({score}, score.revision, now);
    }
    Tick(tick);
  }
  // All revisions of a minute as one, the last value of each score alone, some of it twice.
  void LiveMerged(const Minute& minute, int64_t tick, Random& random) {
    std::map<ScoreKey, ScoreValue> last;
    for (const ScoreValue& score : minute) {
      last[score.key] = score;
    }
    std::vector<ScoreValue> merged;
    for (const auto& [key, score] : last) {
      merged.push_back(score);
    }
    for (int times = 1 + random.Below(2); times > 0 && !merged.empty(); --times) {
      Apply(merged, minute.back().revision, TimeOf(tick) - absl::Seconds(times));
    }
    Tick(tick);
  }
};

// The states at the end of each tick, by a reading of the rule that shares nothing with the state machine.
class Oracle {
 public:
  explicit Oracle(int hold) : hold_(hold) {}
  bool FiringAfter(Value value) {
    if (firing_) {
      firing_ = !(value.has_value() && *value < kClear);
      held_ = 0;
    } else if (value.has_value()) {
      held_ = *value >= kRaise ? held_ + 1 : 0;
      firing_ = held_ > hold_;
    }
    return firing_;
  }

 private:
  int hold_;
  int held_ = 0;
  bool firing_ = false;
};

bool Firing(const World& world, const std::string& rule, int subject) {
  const auto alert = world.alerts.find({.rule = rule, .score = Key(subject)});
  return alert != world.alerts.end() && alert->second.state == AlertState::kFiring;
}

Value ValueOf(const World& world, int subject) {
  const auto score = world.scores.find(Key(subject));
  return score == world.scores.end() ? Value() : score->second.value;
}

// What somebody is told about: firing and resolved, without the sequence numbers.
std::vector<std::string> Announcements(const std::vector<Transition>& transitions) {
  std::vector<std::string> told;
  for (const Transition& transition : transitions) {
    const Alert& alert = transition.after;
    if (alert.state == AlertState::kFiring || alert.state == AlertState::kResolved) {
      told.push_back(absl::StrCat(alert.Id(), " ", static_cast<int>(alert.state), " ",
                                  absl::FormatTime(transition.time, absl::UTCTimeZone())));
    }
  }
  return told;
}

class HoldReplayTest : public ::testing::TestWithParam<int> {};

TEST_P(HoldReplayTest, RulesThatWaitFireAsAPlainReadingOfTheirTicksSays) {
  for (uint32_t seed = 0; seed < kHistories; ++seed) {
    Random random(seed);
    Life life({GetParam()});
    std::vector<Oracle> oracles(kSubjects, Oracle(GetParam()));
    int64_t tick = kStart;
    for (const Minute& minute : random.NextHistory()) {
      life.Live(minute, ++tick);
      for (int subject = 0; subject < kSubjects; ++subject) {
        const bool expected = oracles[static_cast<size_t>(subject)].FiringAfter(ValueOf(life.world, subject));
        ASSERT_EQ(Firing(life.world, RuleThatHolds(GetParam()).id, subject), expected)
            << "seed " << seed << " tick " << tick << " subject " << subject;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Durations, HoldReplayTest, ::testing::Values(1, 2, 5));

TEST(ReplayTest, MergedAndRepeatedMessagesAnnounceWhatSingleOnesAnnounce) {
  for (uint32_t seed = 0; seed < kHistories; ++seed) {
    Random random(seed);
    Life single({1, 3});
    Life merged({1, 3});
    int64_t tick = kStart;
    for (const Minute& minute : random.NextHistory()) {
      single.Live(minute, ++tick);
      merged.LiveMerged(minute, tick, random);
    }
    ASSERT_EQ(Announcements(single.transitions), Announcements(merged.transitions)) << "seed " << seed;
  }
}

TEST(ReplayTest, RulesThatDoNotWaitFollowEachRevision) {
  for (uint32_t seed = 0; seed < kHistories; ++seed) {
    Random random(seed);
    Life life({0});
    std::vector<Oracle> oracles(kSubjects, Oracle(0));
    for (const Minute& minute : random.NextHistory()) {
      for (const ScoreValue& score : minute) {
        life.Apply({score}, score.revision, TimeOf(kStart));
        for (int subject = 0; subject < kSubjects; ++subject) {
          if (score.key == Key(subject)) {
            ASSERT_EQ(Firing(life.world, "hold-0", subject),
                      oracles[static_cast<size_t>(subject)].FiringAfter(score.value));
          }
        }
      }
    }
  }
}

TEST(ReplayTest, ReplayingAHistoryGivesTheSameWorld) {
  for (uint32_t seed = 0; seed < kHistories; ++seed) {
    const History history = Random(seed).NextHistory();
    Life live({0, 1, 3});
    Life replayed({0, 1, 3});
    int64_t tick = kStart;
    for (const Minute& minute : history) {
      live.Live(minute, ++tick);
    }
    tick = kStart;
    for (const Minute& minute : history) {
      replayed.Live(minute, ++tick);
    }
    ASSERT_EQ(live.world, replayed.world);
    ASSERT_EQ(live.transitions, replayed.transitions);
  }
}

TEST(ReplayTest, LookingAgainAtEverythingChangesNothing) {
  for (uint32_t seed = 0; seed < kHistories; ++seed) {
    Random random(seed);
    Life life({0, 1, 3});
    int64_t tick = kStart;
    for (const Minute& minute : random.NextHistory()) {
      life.Live(minute, ++tick);
      std::vector<ScoreValue> all;
      for (const auto& [key, score] : life.world.scores) {
        all.push_back(score);
      }
      World before = life.world;
      life.Apply(all, life.world.applied.number, TimeOf(tick), /*complete=*/true);
      // Nothing may have been applied yet, so that the lineage was not known.
      before.applied = life.world.applied;
      ASSERT_EQ(life.world, before) << "seed " << seed << " tick " << tick;
    }
  }
}

// Of one transition: allowed as such, and for the value that it shows.
void ExpectJustified(const Transition& transition) {
  const Alert& alert = transition.after;
  const Value value = alert.value;
  ASSERT_TRUE(value.has_value()) << "an unset value changed a state";
  switch (alert.state) {
    case AlertState::kPending:
      EXPECT_TRUE(transition.from == AlertState::kInactive || transition.from == AlertState::kResolved);
      EXPECT_GE(*value, kRaise);
      return;
    case AlertState::kFiring:
      EXPECT_NE(transition.from, AlertState::kFiring);
      EXPECT_GE(*value, kRaise);
      return;
    case AlertState::kResolved:
      EXPECT_EQ(transition.from, AlertState::kFiring);
      EXPECT_LT(*value, kClear);
      return;
    case AlertState::kInactive:
      EXPECT_EQ(transition.from, AlertState::kPending);
      EXPECT_LT(*value, kRaise);
      return;
  }
}

TEST(ReplayTest, NoAlertEverFlapsBetweenTheThresholds) {
  for (uint32_t seed = 0; seed < kHistories; ++seed) {
    Random random(seed);
    Life life({0, 1, 3});
    int64_t tick = kStart;
    for (const Minute& minute : random.NextHistory()) {
      life.Live(minute, ++tick);
    }
    int64_t sequence = 0;
    std::map<AlertKey, AlertState> states;
    for (const Transition& transition : life.transitions) {
      ExpectJustified(transition);
      EXPECT_EQ(transition.after.sequence, ++sequence);
      AlertState& state = states.try_emplace(transition.after.key, AlertState::kInactive).first->second;
      EXPECT_EQ(transition.from, state);
      state = transition.after.state;
    }
    EXPECT_EQ(life.world.sequence, sequence);
  }
}

}  // namespace
}  // namespace orewatch::alerting
