// A rehearsal, which passes over ticks at which nothing can follow and over facts that the rule does not ask for,
// against an evaluation of every minute and everything.
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
using alerting::Fact;
using alerting::FactBatch;
using alerting::Reason;
using alerting::Rule;
using alerting::ScoreBatch;
using alerting::TimelineEntry;

constexpr uint64_t kShortRun = 300;
constexpr uint64_t kLongRun = 10000;

// How far ticks have been counted is written down where one was looked at, and means the same elsewhere.
Alert Comparable(Alert alert) {
  alert.window_start = 0;
  alert.window_end = 0;
  alert.met_ticks = 0;
  alert.clear_start = 0;
  alert.clear_end = 0;
  // What is remembered of a thing besides what the rule asks for decides whether it is looked at again when it is in
  // none of the states, from which nothing follows.
  if (!alert.Live()) {
    alert.subject_visibility = {};
  }
  return alert;
}

std::vector<TimelineEntry> Comparable(std::vector<TimelineEntry> timeline) {
  for (TimelineEntry& entry : timeline) {
    entry.after = Comparable(entry.after);
  }
  return timeline;
}

std::map<alerting::AlertKey, Alert> Comparable(const alerting::World& world) {
  std::map<alerting::AlertKey, Alert> alerts;
  for (const auto& [key, alert] : world.alerts) {
    alerts[key] = Comparable(alert);
  }
  return alerts;
}

// Every minute, as the engine does while scores arrive.
class EveryMinute {
 public:
  explicit EveryMinute(const Rule& rule) { Reconciler(absl::UnixEpoch()).PutRule(rule); }

  template <typename Batch>
  void Take(const Batch& batch) {
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
  std::vector<std::variant<ScoreBatch, FactBatch>> batches;
  absl::Time end;
};

constexpr int kClosed = 105;
constexpr int kAnnounced = 401;
constexpr int kInForce = 402;

absl::Duration Minutes(int least, int most, Random& random) { return absl::Minutes(Between(least, most, random)); }
absl::Duration PerhapsMinutes(int most, Random& random) {
  return OneIn(2, random) ? absl::ZeroDuration() : Minutes(1, most, random) + absl::Seconds(Between(0, 59, random));
}

// Dated some minutes before or after now, or from when it is seen, or no news whenever that is.
alerting::Spell RandomSpell(int state, absl::Time now, Random& random) {
  alerting::Spell spell{.state = state};
  if (OneIn(8, random)) {
    spell.from = absl::InfinitePast();
    return spell;
  }
  if (!OneIn(3, random)) {
    spell.from = now + Minutes(-30, 60, random) + absl::Seconds(Between(0, 59, random));
  }
  if (!OneIn(3, random)) {
    spell.until = spell.from.value_or(now) + Minutes(1, 40, random);
  }
  return spell;
}

Fact RandomFact(const std::string& resource, absl::Time now, Random& random) {
  Fact fact{.resource = resource};
  for (const char* mineral : {"minerals/m0", "minerals/m1", "minerals/m2"}) {
    if (OneIn(2, random)) {
      fact.concerns.push_back(mineral);
    }
  }
  for (const int state : {kClosed, kAnnounced, kInForce}) {
    if (OneIn(2, random)) {
      fact.spells.push_back(RandomSpell(state, now, random));
    }
  }
  if (OneIn(4, random)) {
    fact.spells.push_back({.state = alerting::kOwnerChanged, .from = now});
  }
  fact.visibility.owner = OneIn(5, random) ? "ann" : "";
  return fact;
}

FactBatch RandomFacts(const alerting::Revision& revision, absl::Time commit_time, Random& random) {
  FactBatch batch{.position = {.revision = revision}, .commit_time = commit_time, .facts = {}, .removed = {}};
  for (int i = 0; i < 4; ++i) {
    const std::string resource = "measures/" + std::to_string(i);
    if (OneIn(3, random)) {
      batch.facts.push_back(RandomFact(resource, commit_time, random));
      batch.facts.back().revision = revision.number;
    } else if (OneIn(12, random)) {
      batch.removed.push_back(resource);
    }
  }
  return batch;
}

alerting::Happening RandomHappening(Random& random) {
  alerting::Happening happening{.before = PerhapsMinutes(30, random), .hold = PerhapsMinutes(20, random)};
  happening.states = OneIn(2, random) ? std::vector<int>{kInForce} : std::vector<int>{kClosed};
  if (OneIn(4, random)) {
    happening.states = {alerting::kOwnerChanged};
    happening.hold = Minutes(1, 20, random);
  }
  if (OneIn(3, random)) {
    happening.concerns = {"minerals/m1"};
  }
  return happening;
}

// A condition on what happens in place of the rule's own.
Rule OfHappenings(Rule rule, Random& random) {
  rule.id = "happening";
  rule.target = {};
  rule.filter = {};
  rule.levels.clear();
  rule.causes.clear();
  rule.condition = RandomHappening(random);
  return rule;
}

// Of conditions on a mineral, in place of the rule's own.
Rule Combined(Rule rule, Random& random) {
  rule.id = "combination";
  rule.target = {};
  rule.filter = {};
  rule.levels.clear();
  rule.causes.clear();
  const alerting::ScoreKey target{.subject = "", .stage = 1, .importer = "", .method = 1};
  const auto window = [&] { return Minutes(1, 10, random); };
  alerting::Combination combination{
      .quantifier = OneIn(2, random) ? alerting::Quantifier::kAll : alerting::Quantifier::kAny,
      .collection = "minerals",
      .parts = {{.target = target, .condition = alerting::Threshold{.raise = 6, .clear = 4}},
                {.target = target, .condition = alerting::Change{.raise = 2, .clear = 1, .window = window()}},
                {.target = target, .condition = alerting::BandChange{.window = window()}}}};
  if (!OneIn(3, random)) {
    combination.parts[static_cast<size_t>(Between(0, 2, random))] = {.condition = RandomHappening(random)};
  }
  combination.parts.resize(static_cast<size_t>(Between(2, 3, random)));
  rule.condition = combination;
  return rule;
}

// What a random history holds for a rehearsal, with pauses so many times as long.
Past RandomPast(int stretch, Random& random) {
  Past past;
  const AlertHistory history = RandomAlertHistory(random);
  const absl::Time start = history.front().now;
  past.end = start;
  alerting::Revision revision{.lineage = "l"};
  // Whether somebody looks from the beginning on, or finds things that are there.
  past.batches.push_back(
      OneIn(2, random) ? FactBatch{.position = {.revision = revision}, .commit_time = start, .facts = {}, .removed = {}}
                       : RandomFacts(revision, start, random));
  for (const Step& step : history) {
    if (const auto* put = std::get_if<PutRule>(&step.what); put != nullptr && !IsSilence(put->rule.condition)) {
      past.rules[put->rule.id] = put->rule;
      past.rules[put->rule.id].disabled = false;
    }
    const auto* scores = std::get_if<Scores>(&step.what);
    if (scores != nullptr && scores->batch.revision.number > revision.number) {
      ScoreBatch batch = scores->batch;
      const absl::Time committed = start + stretch * (std::min(batch.commit_time, step.now) - start);
      batch.commit_time = std::max(past.end, committed);
      past.end = batch.commit_time;
      revision = batch.revision;
      if (OneIn(2, random)) {
        past.batches.push_back(RandomFacts(revision, batch.commit_time, random));
      }
      past.batches.push_back(std::move(batch));
    }
  }
  past.end += absl::Hours(2);
  if (!past.rules.empty()) {
    const Rule any = past.rules.begin()->second;
    for (const Rule& rule : {Combined(any, random), OfHappenings(any, random)}) {
      past.rules[rule.id] = rule;
    }
  }
  return past;
}

using Seen = std::set<Reason>;

::testing::AssertionResult Agree(const Rule& rule, const Past& past, Seen& seen, int64_t& happened) {
  EveryMinute expected(rule);
  std::vector<TimelineEntry> timeline;
  alerting::Rehearsal rehearsal(rule, [&](const TimelineEntry& entry) { timeline.push_back(entry); });
  alerting::FactSieve sieve(rule);
  for (const auto& next : past.batches) {
    std::visit([&](const auto& batch) { expected.Take(batch); }, next);
    if (const auto* scores = std::get_if<ScoreBatch>(&next); scores != nullptr) {
      rehearsal.Take(*scores);
      continue;
    }
    auto facts = std::get<FactBatch>(next);
    sieve.Sift(facts);
    if (!facts.facts.empty() || !facts.removed.empty() || &next == &past.batches.front()) {
      rehearsal.Take(facts);
    }
  }
  expected.AdvanceTo(past.end);
  while (!rehearsal.AdvanceTo(past.end)) {
  }
  const auto is = Comparable(timeline);
  const auto should = Comparable(expected.timeline);
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
    happened += is[i].after.happened.has_value() ? 1 : 0;
  }
  return Comparable(rehearsal.world()) == Comparable(expected.world)
             ? ::testing::AssertionSuccess()
             : ::testing::AssertionFailure() << "the alerts of " << rule.id << " differ at the end";
}

TEST(RehearsalTest, PassingOverTicksChangesNothing) {
  const uint64_t seed = SeedOfRun();
  const uint64_t histories = Soaking() ? kLongRun : kShortRun;
  Seen seen;
  int64_t happened = 0;
  for (uint64_t i = 0; i < histories; ++i) {
    Random random(seed + i);
    const auto past = RandomPast(static_cast<int>(Between(1, 6, random)), random);
    for (const auto& [id, rule] : past.rules) {
      ASSERT_TRUE(Agree(rule, past, seen, happened))
          << "replay: OREWATCH_SEED=" << seed + i << " scripts/soak -R rehearsal_test";
    }
  }
  EXPECT_THAT(seen, ::testing::IsSupersetOf({Reason::kConditionMet, Reason::kConditionCleared, Reason::kHeld,
                                             Reason::kSubjectRemoved, Reason::kNoData, Reason::kTooManyAlerts,
                                             Reason::kSeverityRaised, Reason::kSeverityLowered, Reason::kFlappingBegan,
                                             Reason::kFlappingEnded, Reason::kUnmuted, Reason::kDigest}));
  EXPECT_GT(happened, static_cast<int64_t>(histories)) << "too little has happened";
  std::cout << histories << " histories without a difference, " << happened << " entries of what happened\n";
}

}  // namespace
}  // namespace orewatch::testing
