// A rehearsal, which passes over ticks at which nothing can follow, against an evaluation of every minute.
#include "services/alerting/domain/rehearsal.h"

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/follow.h"
#include "services/alerting/domain/grid.h"
#include "tests/chaos/alert_history.h"
#include "tests/chaos/run.h"

namespace orewatch::testing {
namespace {

using alerting::Alert;
using alerting::Reason;
using alerting::Rule;
using alerting::ScoreBatch;
using alerting::TimelineEntry;

constexpr uint64_t kShortRun = 300;
constexpr uint64_t kLongRun = 10000;

// How far ticks have been counted is written down where one was looked at, and means the same elsewhere.
Alert WithoutCounts(Alert alert) {
  alert.window_start = 0;
  alert.window_end = 0;
  alert.met_ticks = 0;
  alert.clear_start = 0;
  alert.clear_end = 0;
  return alert;
}

std::vector<TimelineEntry> WithoutCounts(std::vector<TimelineEntry> timeline) {
  for (TimelineEntry& entry : timeline) {
    entry.after = WithoutCounts(entry.after);
  }
  return timeline;
}

std::map<alerting::AlertKey, Alert> WithoutCounts(const alerting::World& world) {
  std::map<alerting::AlertKey, Alert> alerts;
  for (const auto& [key, alert] : world.alerts) {
    alerts[key] = WithoutCounts(alert);
  }
  return alerts;
}

// Every minute, as the engine does while scores arrive.
class EveryMinute {
 public:
  explicit EveryMinute(const Rule& rule) { Reconciler(absl::UnixEpoch()).PutRule(rule); }

  void Take(const ScoreBatch& batch) {
    AdvanceTo(batch.commit_time);
    auto step = Reconciler(std::max(now_, batch.commit_time));
    live_ = Follow(batch, live_, step) || live_;
    Keep(step);
  }
  void AdvanceTo(absl::Time time) {
    now_ = std::max(now_, time);
    while (live_ && world.tick < alerting::TickAt(time)) {
      auto step = Reconciler(alerting::TimeOf(world.tick + 1));
      step.AdvanceGrid();
      Keep(step);
    }
  }

  alerting::World world;
  std::vector<TimelineEntry> timeline;

 private:
  alerting::Reconciler Reconciler(absl::Time now) { return {world, now}; }
  void Keep(alerting::Reconciler& step) {
    const alerting::Changes changes = step.TakeChanges();
    timeline.insert(timeline.end(), changes.transitions.begin(), changes.transitions.end());
  }

  bool live_ = false;
  absl::Time now_ = absl::InfinitePast();
};

struct Past {
  std::map<std::string, Rule> rules;
  std::vector<ScoreBatch> batches;
  absl::Time end;
};

// Of conditions on the scores of a mineral, in place of the rule's own.
Rule Combined(Rule rule, Random& random) {
  rule.id = "combination";
  rule.target = {};
  rule.filter = {};
  rule.levels.clear();
  rule.causes.clear();
  const alerting::ScoreKey target{.subject = "", .stage = 1, .importer = "", .method = 1};
  const auto window = [&] { return absl::Minutes(Between(1, 10, random)); };
  rule.condition = alerting::Combination{
      .quantifier = OneIn(2, random) ? alerting::Quantifier::kAll : alerting::Quantifier::kAny,
      .collection = "minerals",
      .parts = {{.target = target, .condition = alerting::Threshold{.raise = 6, .clear = 4}},
                {.target = target, .condition = alerting::Change{.raise = 2, .clear = 1, .window = window()}},
                {.target = target, .condition = alerting::BandChange{.window = window()}}}};
  return rule;
}

// What a random history holds for a rehearsal, with pauses so many times as long.
Past RandomPast(int stretch, Random& random) {
  Past past;
  const AlertHistory history = RandomAlertHistory(random);
  const absl::Time start = history.front().now;
  past.end = start;
  for (const Step& step : history) {
    if (const auto* put = std::get_if<PutRule>(&step.what); put != nullptr && !IsSilence(put->rule.condition)) {
      past.rules[put->rule.id] = put->rule;
      past.rules[put->rule.id].disabled = false;
    }
    const auto* scores = std::get_if<Scores>(&step.what);
    const int64_t last = past.batches.empty() ? 0 : past.batches.back().revision.number;
    if (scores != nullptr && scores->batch.revision.number > last) {
      ScoreBatch batch = scores->batch;
      const absl::Time committed = start + stretch * (std::min(batch.commit_time, step.now) - start);
      batch.commit_time = std::max(past.end, committed);
      past.end = batch.commit_time;
      past.batches.push_back(std::move(batch));
    }
  }
  past.end += absl::Hours(2);
  if (!past.rules.empty()) {
    const Rule combined = Combined(past.rules.begin()->second, random);
    past.rules[combined.id] = combined;
  }
  return past;
}

using Seen = std::set<Reason>;

::testing::AssertionResult Agree(const Rule& rule, const Past& past, Seen& seen) {
  EveryMinute expected(rule);
  std::vector<TimelineEntry> timeline;
  alerting::Rehearsal rehearsal(rule, [&](const TimelineEntry& entry) { timeline.push_back(entry); });
  for (const ScoreBatch& batch : past.batches) {
    expected.Take(batch);
    rehearsal.Take(batch);
  }
  expected.AdvanceTo(past.end);
  while (!rehearsal.AdvanceTo(past.end)) {
  }
  const auto is = WithoutCounts(timeline);
  const auto should = WithoutCounts(expected.timeline);
  for (size_t i = 0; i < std::max(is.size(), should.size()); ++i) {
    if (i == is.size() || i == should.size() || is[i] != should[i]) {
      auto failure = ::testing::AssertionFailure() << "entry " << i << " of " << should.size() << " of " << rule.id;
      for (const auto* list : {&is, &should}) {
        if (i < list->size()) {
          failure << (list == &is ? ", is " : ", should be ") << (*list)[i].after.Id() << " "
                  << static_cast<int>((*list)[i].reason) << " at " << (*list)[i].time << " notifies "
                  << (*list)[i].notifies;
        }
      }
      return failure;
    }
    seen.insert(is[i].reason);
  }
  return WithoutCounts(rehearsal.world()) == WithoutCounts(expected.world)
             ? ::testing::AssertionSuccess()
             : ::testing::AssertionFailure() << "the alerts of " << rule.id << " differ at the end";
}

TEST(RehearsalTest, PassingOverTicksChangesNothing) {
  const uint64_t seed = SeedOfRun();
  const uint64_t histories = Soaking() ? kLongRun : kShortRun;
  Seen seen;
  for (uint64_t i = 0; i < histories; ++i) {
    Random random(seed + i);
    const auto past = RandomPast(static_cast<int>(Between(1, 6, random)), random);
    for (const auto& [id, rule] : past.rules) {
      ASSERT_TRUE(Agree(rule, past, seen)) << "replay: OREWATCH_SEED=" << seed + i << " scripts/soak -R rehearsal_test";
    }
  }
  EXPECT_THAT(seen, ::testing::IsSupersetOf({Reason::kConditionMet, Reason::kConditionCleared, Reason::kHeld,
                                             Reason::kSubjectRemoved, Reason::kNoData, Reason::kTooManyAlerts,
                                             Reason::kSeverityRaised, Reason::kSeverityLowered, Reason::kFlappingBegan,
                                             Reason::kFlappingEnded, Reason::kUnmuted, Reason::kDigest}));
  std::cout << histories << " histories without a difference\n";
}

}  // namespace
}  // namespace orewatch::testing
