// Random histories through the reconciler and through a second reading of what it must do: no difference.
#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/reconciler.h"
#include "tests/chaos/alert_history.h"
#include "tests/chaos/alert_reference.h"
#include "tests/chaos/run.h"

namespace orewatch::testing {
namespace {

using alerting::Alert;
using alerting::AlertState;
using alerting::Reason;
using alerting::Transition;

constexpr uint64_t kShortRun = 500;
constexpr uint64_t kLongRun = 10000;

// An alert in the words of the reference.
std::string Words(const Alert& alert) {
  std::vector<std::string> words{absl::StrCat("state ", static_cast<int>(alert.state))};
  const auto add = [&](bool is, const std::string& word) {
    if (is) {
      words.push_back(word);
    }
  };
  add(alert.Live(), absl::StrCat("severity ", static_cast<int>(alert.severity)));
  add(alert.held_back, "held back");
  add(alert.stale_input, "stale");
  add(alert.missing_input, "missing");
  add(!alert.error.empty(), "broken");
  add(alert.flapping, "flapping");
  add(alert.quiet_until.has_value(), "quiet");
  add(alert.announced, "announced");
  add(alert.inhibited_by.has_value(),
      alert.inhibited_by.has_value() ? "inhibited by " + Alert{.key = *alert.inhibited_by}.Id() : "");
  return absl::StrJoin(words, ", ");
}

std::string Words(const Transition& entry) {
  const std::string id = entry.after.Id();
  switch (entry.reason) {
    case Reason::kSeverityRaised:
      return id + " RISE";
    case Reason::kFlappingBegan:
      return id + " FLAPPING";
    case Reason::kFlappingEnded:
      return id + " CALM";
    case Reason::kDigest:
      return absl::StrCat("many DIGEST ", entry.digest_size,
                          entry.after.state == AlertState::kFiring ? " FIRING" : " OVER");
    default:
      return id + (entry.after.state == AlertState::kFiring ? " FIRING" : " OVER");
  }
}

// The reconciler as the engine drives it.
class System {
 public:
  explicit System(absl::Time start) { Reconciler(start).AdvanceGrid(); }

  void Take(const Step& step) {
    std::visit([&](const auto& what) { Do(what, step.now); }, step.what);
  }
  std::map<std::string, std::string> Alerts() const {
    std::map<std::string, std::string> alerts;
    for (const auto& [key, alert] : world_.alerts) {
      alerts[alert.Id()] = Words(alert);
    }
    return alerts;
  }
  std::vector<std::string> TakeTold() {
    std::sort(told_.begin(), told_.end());
    return std::exchange(told_, {});
  }

 private:
  alerting::Reconciler Reconciler(absl::Time now) { return {world_, now}; }
  void Keep(alerting::Reconciler& reconciler) {
    const alerting::Changes changes = reconciler.TakeChanges();
    for (const Transition& entry : changes.transitions) {
      EXPECT_EQ(entry.after.sequence, ++sequence_) << "sequences are dense";
      if (entry.notifies) {
        told_.push_back(Words(entry));
      }
      EXPECT_FALSE(entry.notifies && entry.digest_of != 0);
    }
    for (const Alert& alert : changes.alerts) {
      EXPECT_EQ(alert, world_.alerts.at(alert.key));
    }
    // What is stored is what is known: a replica that takes the changes alone ends where this one is.
    Apply(changes, stored_);
    EXPECT_TRUE(stored_ == world_) << "something has changed and is not stored";
  }
  void Do(const PutRule& put, absl::Time now) {
    auto step = Reconciler(now);
    step.PutRule(put.rule);
    Keep(step);
  }
  void Do(const DeleteRule& gone, absl::Time now) {
    if (world_.rules.contains(gone.id)) {
      auto step = Reconciler(now);
      step.DeleteRule(gone.id);
      Keep(step);
    }
  }
  void Do(const Scores& scores, absl::Time now) {
    auto step = Reconciler(now);
    if (live_) {
      step.AdvanceGridTo(scores.batch.commit_time);
    }
    if (step.ApplyScores(scores.batch)) {
      step.AdvanceGrid();
      live_ = true;
    }
    Keep(step);
  }
  void Do(const Tick&, absl::Time now) {
    auto step = Reconciler(now);
    if (live_) {
      step.AdvanceGrid();
    } else {
      step.LoseInput();
      step.AdvanceSilence();
    }
    Keep(step);
  }
  void Do(const LoseInput&, absl::Time now) {
    if (std::exchange(live_, false)) {
      auto step = Reconciler(now);
      step.AdvanceGrid();
      step.LoseInput();
      Keep(step);
    }
  }
  void Do(const Restart&, absl::Time) {
    world_ = stored_;
    live_ = false;
  }

  alerting::World world_;
  alerting::World stored_;
  int64_t sequence_ = 0;
  bool live_ = false;
  std::vector<std::string> told_;
};

// The reference, driven in the same way.
class Expected {
 public:
  explicit Expected(absl::Time start) { reference_.TickTo(start, start); }

  void Take(const Step& step) {
    std::visit([&](const auto& what) { Do(what, step.now); }, step.what);
  }
  std::map<std::string, std::string> Alerts() const { return reference_.Alerts(); }
  std::vector<std::string> TakeTold() { return reference_.TakeTold(); }

 private:
  void Do(const PutRule& put, absl::Time now) {
    rules_.insert(put.rule.id);
    reference_.Put(put.rule, now);
  }
  void Do(const DeleteRule& gone, absl::Time now) {
    if (rules_.erase(gone.id) > 0) {
      reference_.Delete(gone.id, now);
    }
  }
  void Do(const Scores& scores, absl::Time now) {
    if (live_) {
      reference_.TickTo(scores.batch.commit_time, now);
    }
    if (reference_.Apply(scores.batch, now)) {
      reference_.TickTo(now, now);
      live_ = true;
    }
  }
  void Do(const Tick&, absl::Time now) {
    if (live_) {
      reference_.TickTo(now, now);
    } else {
      reference_.Lose(now);
      reference_.BeSilent(now);
    }
  }
  void Do(const LoseInput&, absl::Time now) {
    if (std::exchange(live_, false)) {
      reference_.TickTo(now, now);
      reference_.Lose(now);
    }
  }
  // It forgets nothing; only the connection is gone.
  void Do(const Restart&, absl::Time) { live_ = false; }

  AlertReference reference_;
  std::set<std::string> rules_;
  bool live_ = false;
};

// What the histories of a run came to, in words.
using Seen = std::set<std::string>;

void Note(const std::map<std::string, std::string>& alerts, const std::vector<std::string>& told, Seen& seen) {
  for (const auto& [id, text] : alerts) {
    for (const absl::string_view word : absl::StrSplit(text, ", ")) {
      seen.insert(std::string(word.substr(0, word.find(" by "))));
    }
  }
  for (const std::string& text : told) {
    const std::vector<std::string> words = absl::StrSplit(text, ' ');
    seen.insert(words.at(1));
  }
}

// Whether the two agree after each step.
::testing::AssertionResult Agree(uint64_t seed, Seen& seen) {
  Random random(seed);
  const AlertHistory history = RandomAlertHistory(random);
  System system(history.front().now);
  Expected expected(history.front().now);
  for (size_t i = 0; i < history.size(); ++i) {
    system.Take(history[i]);
    expected.Take(history[i]);
    const auto told = system.TakeTold();
    const auto should = expected.TakeTold();
    if (told != should) {
      return ::testing::AssertionFailure()
             << "step " << i << " (kind " << history[i].what.index() << ") told\n  " << absl::StrJoin(told, "\n  ")
             << "\nand should have told\n  " << absl::StrJoin(should, "\n  ");
    }
    const auto alerts = system.Alerts();
    const auto states = expected.Alerts();
    if (alerts != states) {
      return ::testing::AssertionFailure()
             << "step " << i << " (kind " << history[i].what.index() << ") left\n  "
             << absl::StrJoin(alerts, "\n  ", absl::PairFormatter(": ")) << "\nand should have left\n  "
             << absl::StrJoin(states, "\n  ", absl::PairFormatter(": "));
    }
    Note(states, should, seen);
  }
  return ::testing::AssertionSuccess();
}

// Each history has a seed of its own, which is the one to repeat it by: the first of a run of one.
TEST(AlertSimulationTest, RandomHistoriesGoAsTheReferenceSays) {
  const uint64_t seed = SeedOfRun();
  const uint64_t histories = Soaking() ? kLongRun : kShortRun;
  Seen seen;
  for (uint64_t i = 0; i < histories; ++i) {
    ASSERT_TRUE(Agree(seed + i, seen)) << "replay: OREWATCH_SEED=" << seed + i
                                       << " scripts/soak -R alert_simulation_test";
  }
  // A run that does not come to all of this shows little.
  EXPECT_THAT(seen, ::testing::IsSupersetOf(
                        {"state 1",   "state 2", "state 3", "state 4", "severity 1", "severity 2", "severity 3",
                         "held back", "stale",   "missing", "broken",  "flapping",   "quiet",      "inhibited",
                         "announced", "FIRING",  "OVER",    "RISE",    "FLAPPING",   "CALM",       "DIGEST"}));
  std::cout << histories << " histories without a difference\n";
}

}  // namespace
}  // namespace orewatch::testing
