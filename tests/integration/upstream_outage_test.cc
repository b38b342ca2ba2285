// A day, on fake time, on which risk or the registry says nothing: the default rules, the engine and the sender, up to
// what an Alertmanager tells.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/alerting/api/default_rules.h"
#include "services/alerting/deliver/alertmanager_sender.h"
#include "services/alerting/deliver/describe.h"
#include "services/alerting/deliver/severity_text.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"
#include "tests/integration/fake_alertmanager.h"

namespace orewatch::testing {
namespace {

using alerting::Alert;
using alerting::AlertEngine;
using alerting::AlertmanagerSender;
using alerting::AlertState;
using alerting::Source;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

constexpr int kHhi = 1;
constexpr int kRefine = 3;
constexpr int kImpactConfirmed = 502;
constexpr int kMinerals = 40;
// By "rules/one-country-65-percent" of the default rules.
constexpr double kCalm = 1000;
constexpr double kConcentrated = 5000;

std::string MineralName(int number) { return absl::StrCat("minerals/m", number); }

class OneAddress final : public alerting::Resolver {
 public:
  absl::StatusOr<std::vector<std::string>> Resolve(const std::string&) override {
    return std::vector<std::string>{"10.0.0.1"};
  }
};

class UpstreamOutageTest : public ::testing::TestWithParam<Source> {
 protected:
  UpstreamOutageTest() {
    for (int i = 0; i < kMinerals; ++i) {
      values_[MineralName(i)] = kConcentrated;
    }
    values_[MineralName(kMinerals)] = kCalm;
    events_ = {"events/fire", "events/flood"};
    Restart();
    EXPECT_THAT(engine_->AddDefaultRules(*alerting::ReadRuleSet("data/rules.textproto")), IsOk());
  }

  // What a kill -9 leaves is the store, and what Alertmanager holds.
  void Restart() {
    sender_.reset();
    alerts_.reset();
    engine_ = *AlertEngine::Open({.store = *store_,
                                  .clock = clock_,
                                  .metrics = metrics_,
                                  .targets = {{.name = alerting::kAlertmanagerTarget, .of_what_is = true}}});
    engine_->FollowFacts();
    alerts_ = std::make_unique<alerting::EngineAlerts>(*engine_);
    AlertmanagerSender::Options options;
    options.urls = {"http://am:9093"};
    sender_ = std::make_unique<AlertmanagerSender>(
        options, AlertmanagerSender::Dependencies{.alerts = *alerts_,
                                                  .store = store_->deliveries(),
                                                  .clock = clock_,
                                                  .client = alertmanager_,
                                                  .resolver = resolver_,
                                                  .metrics = delivery_metrics_,
                                                  .lease = [this] { return Lease(); }});
  }
  std::optional<alerting::Lease> Lease() const { return alerting::Lease{.epoch = engine_->lease()->epoch}; }

  // As the first message of a stream is: all that there is.
  void HearAll(Source source) {
    if (source == Source::kScores) {
      HearScores();
    } else {
      HearFacts();
    }
  }
  void HearScores() {
    alerting::ScoreBatch batch;
    batch.revision = {.lineage = "l", .number = ++revision_};
    batch.commit_time = clock_.Now();
    batch.complete = true;
    for (const auto& [mineral, value] : values_) {
      alerting::ScoreValue score;
      score.key = {.subject = mineral, .stage = kRefine, .importer = "", .method = kHhi};
      score.value = value;
      score.certainty.lower = value;
      score.certainty.upper = value;
      score.revision = 1;
      batch.scores.push_back(score);
    }
    ASSERT_THAT(engine_->ApplyScores(batch), IsOk());
  }
  void HearFacts() {
    alerting::FactBatch batch;
    batch.position = {.revision = {.lineage = "l", .number = ++revision_}, .digest = "d"};
    batch.commit_time = clock_.Now();
    batch.complete = true;
    for (const std::string& event : events_) {
      alerting::Fact fact;
      fact.resource = event;
      fact.spells = {{.state = kImpactConfirmed}};
      batch.facts.push_back(fact);
    }
    ASSERT_THAT(engine_->ApplyFacts(batch), IsOk());
  }
  void RunFor(absl::Duration duration) {
    for (absl::Duration passed; passed < duration; passed += absl::Minutes(1)) {
      clock_.Advance(absl::Minutes(1));
      ASSERT_THAT(engine_->AdvanceGrid(), IsOk());
      sender_->Step();
      alertmanager_.Flush();
    }
  }

  std::vector<Alert> Alerts() const {
    alerting::Position position;
    alerting::AlertQuery query;
    query.limit = 1000;
    std::vector<Alert> alerts;
    for (const auto& ruled : engine_->view().ListAlerts(query, position).alerts) {
      alerts.push_back(ruled.alert);
    }
    return alerts;
  }
  // `rule subject` of what fires.
  std::set<std::string> Firing() const {
    std::set<std::string> firing;
    for (const Alert& alert : Alerts()) {
      if (alert.state == AlertState::kFiring) {
        firing.insert(absl::StrCat(alert.key.rule, " ", alert.key.score.subject));
      }
    }
    return firing;
  }
  // Of the alerts about a subject: whether they say that their input is stale.
  std::set<bool> Stale() const {
    std::set<bool> stale;
    for (const Alert& alert : Alerts()) {
      if (alert.state == AlertState::kFiring && !alert.OfRule()) {
        stale.insert(alert.stale_input);
      }
    }
    return stale;
  }
  // What Alertmanager has told since the last call: `rule subject fires`, or `is over`.
  std::vector<std::string> TakeTold() {
    std::map<std::string, std::string> names;
    std::set<std::string> ids;
    for (const Alert& alert : Alerts()) {
      names[alert.Id()] = absl::StrCat(alert.key.rule, " ", alert.key.score.subject);
      ids.insert(alert.Id());
    }
    const std::vector<ToldChange> all = log_.ToldOf(ids);
    std::vector<std::string> told;
    for (size_t i = taken_; i < all.size(); ++i) {
      told.push_back(absl::StrCat(names[all[i].alert_id], all[i].firing ? " fires" : " is over"));
    }
    taken_ = all.size();
    return told;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'040)};
  prometheus::Registry registry_;
  alerting::AlertMetrics metrics_{registry_};
  alerting::DeliveryMetrics delivery_metrics_{registry_};
  NotificationLog log_;
  FakeAlertmanager alertmanager_{clock_, log_};
  OneAddress resolver_;
  const std::unique_ptr<alerting::SqliteAlertStore> store_ = *alerting::SqliteAlertStore::Open(":memory:");
  std::unique_ptr<AlertEngine> engine_;
  std::unique_ptr<alerting::EngineAlerts> alerts_;
  std::unique_ptr<AlertmanagerSender> sender_;
  // What upstream would say.
  std::map<std::string, double> values_;
  std::set<std::string> events_;
  int64_t revision_ = 0;
  size_t taken_ = 0;
};

TEST_P(UpstreamOutageTest, ADayOfSilenceEndsNothingIsSaidAndRecoversCleanly) {
  HearScores();
  HearFacts();
  RunFor(absl::Minutes(20));
  const std::set<std::string> firing = Firing();
  EXPECT_EQ(firing.size(), kMinerals + events_.size());
  EXPECT_EQ(Stale(), std::set<bool>{false});
  EXPECT_FALSE(TakeTold().empty());

  ASSERT_THAT(engine_->InputLost(GetParam()), IsOk());
  RunFor(absl::Minutes(14));
  EXPECT_EQ(Firing(), firing);
  EXPECT_EQ(Stale(), std::set<bool>{true}) << "it is shown";
  EXPECT_FALSE(engine_->view().position().input_live);
  EXPECT_THAT(TakeTold(), IsEmpty());
  RunFor(absl::Minutes(2));
  EXPECT_THAT(TakeTold(), ElementsAre("input-silent  fires")) << "and said";
  RunFor(absl::Hours(12));
  // What another process finds is the same, and not the end of anything.
  Restart();
  RunFor(absl::Hours(12));
  std::set<std::string> with_silence = firing;
  with_silence.insert("input-silent ");
  EXPECT_EQ(Firing(), with_silence);
  EXPECT_THAT(TakeTold(), IsEmpty()) << "nothing is told to be over, and nothing twice";

  // Meanwhile something has ended, and something else has begun.
  const bool scores = GetParam() == Source::kScores;
  if (scores) {
    values_[MineralName(0)] = kCalm;
    values_[MineralName(kMinerals)] = kConcentrated;
  } else {
    events_ = {"events/flood", "events/strike"};
  }
  // The other stream begins anew with the process.
  HearAll(scores ? Source::kFacts : Source::kScores);
  EXPECT_FALSE(engine_->view().position().input_live);
  EXPECT_EQ(Firing(), with_silence);
  HearAll(GetParam());
  RunFor(absl::Minutes(20));
  EXPECT_TRUE(engine_->view().position().input_live);
  EXPECT_EQ(Stale(), std::set<bool>{false});
  const std::set<std::string> expected =
      scores ? std::set<std::string>{"input-silent  is over", "one-country-65-percent minerals/m0 is over",
                                     "one-country-65-percent minerals/m40 fires",
                                     "concentration-rising minerals/m40 fires"}
             : std::set<std::string>{"input-silent  is over", "impact-confirmed events/fire is over",
                                     "impact-confirmed events/strike fires"};
  EXPECT_THAT(TakeTold(), UnorderedElementsAreArray(expected)) << "what has changed, and no more";
}

INSTANTIATE_TEST_SUITE_P(Of, UpstreamOutageTest, ::testing::Values(Source::kScores, Source::kFacts),
                         [](const auto& source) { return source.param == Source::kScores ? "Risk" : "Registry"; });

}  // namespace
}  // namespace orewatch::testing
