// The sender on fake time against an Alertmanager that the test plays: outages of hours and days.
#include <functional>

#include "absl/strings/match.h"
#include "common/testing/metric_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/deliver/auditor.h"
#include "tests/integration/alertmanager_fixture.h"
#include "tests/integration/fake_alertmanager.h"
#include "tests/testing/child_process.h"

namespace orewatch::testing {
namespace {

using alerting::AlertmanagerSender;
using alerting::DeliveryState;
using alerting::Severity;
using ::testing::IsEmpty;

constexpr char kHealthy[] = "10.0.0.5";

class Addresses final : public alerting::Resolver {
 public:
  absl::StatusOr<std::vector<std::string>> Resolve(const std::string&) override { return addresses; }
  std::vector<std::string> addresses = {kHealthy};
};

// One Alertmanager, and at any other address something that takes the place of one.
class Network final : public http::Client {
 public:
  explicit Network(http::Client& healthy) : healthy_(healthy) {}
  absl::StatusOr<http::Response> Send(const http::Request& request) override {
    if (absl::StartsWith(request.connect_to, kHealthy)) {
      before_post(request);
      return healthy_.Send(request);
    }
    ++calls;
    return request.method == "POST" || !others.ok() ? others : http::Response{.status = 200, .body = "[]"};
  }

  // What the others say to anything that is posted.
  absl::StatusOr<http::Response> others = http::Response{.status = 400, .body = "speak HTTPS"};
  int calls = 0;
  std::function<void(const http::Request&)> before_post = [](const http::Request&) {};

 private:
  http::Client& healthy_;
};

class AlertmanagerOutageTest : public ::testing::Test {
 protected:
  AlertmanagerOutageTest() { StartSender(); }
  std::unique_ptr<AlertmanagerSender> NewSender() {
    AlertmanagerSender::Options options;
    options.urls = {"http://am:9093"};
    return std::make_unique<AlertmanagerSender>(options,
                                                AlertmanagerSender::Dependencies{.alerts = *platform_,
                                                                                 .store = alerts_.deliveries(),
                                                                                 .clock = clock_,
                                                                                 .client = network_,
                                                                                 .resolver = resolver_,
                                                                                 .metrics = metrics_,
                                                                                 .lease = [this] { return lease_; }});
  }
  void StartSender() {
    auditor_.reset();
    sender_.reset();
    platform_ = std::make_unique<alerting::PlatformAlerts>(alerts_, clock_, absl::Minutes(4));
    sender_ = NewSender();
    auditor_ = std::make_unique<alerting::Auditor>(alerting::Auditor::Options{.expects_notifications = true},
                                                   alerting::Auditor::Dependencies{.sender = *sender_,
                                                                                   .store = alerts_.deliveries(),
                                                                                   .clock = clock_,
                                                                                   .platform = *platform_,
                                                                                   .metrics = metrics_,
                                                                                   .lease = [this] { return lease_; }});
  }
  void RunFor(absl::Duration duration, absl::Duration step = absl::Seconds(10)) {
    for (absl::Duration passed; passed < duration; passed += step) {
      auditor_->FollowLease();
      sender_->Step();
      alertmanager_.Flush();
      EXPECT_THAT(auditor_->Step(), IsOk());
      clock_.Advance(step);
    }
  }
  void ExpectAllTold() { EXPECT_THAT(Wrong(), IsEmpty()) << log_.DebugString(); }
  std::vector<std::string> Wrong() {
    std::vector<std::string> wrong;
    for (const std::string& one : log_.Check(alerts_.changes())) {
      // What the platform says about itself is no change of an alert; its watchdog ends when it is not heard of.
      if (one.find("delivery-") == std::string::npos && one.find("watchdog") == std::string::npos) {
        wrong.push_back(one);
      }
    }
    return wrong;
  }
  int64_t Count(DeliveryState state) {
    return *alerts_.deliveries().CountDeliveries(alerting::kAlertmanagerTarget, state);
  }
  double Gauge(const std::string& name) {
    for (const auto& family : registry_.Collect()) {
      if (family.name == name) {
        return family.metric.front().gauge.value;
      }
    }
    return -1;
  }

  FakeClock clock_{absl::FromUnixSeconds(1700000000)};
  NotificationLog log_;
  FakeAlertmanager alertmanager_{clock_, log_};
  ScriptedAlerts alerts_{clock_};
  prometheus::Registry registry_;
  alerting::DeliveryMetrics metrics_{registry_};
  Network network_{alertmanager_};
  Addresses resolver_;
  std::optional<alerting::Lease> lease_ = alerts_.lease();
  std::unique_ptr<alerting::PlatformAlerts> platform_;
  std::unique_ptr<AlertmanagerSender> sender_;
  std::unique_ptr<alerting::Auditor> auditor_;
};

// The Alertmanager of this test is worth as much as it does what the real one does.
TEST_F(AlertmanagerOutageTest, IsToldWhatTheRealOneTells) {
  RunContract(alerts_, [this] { RunFor(absl::Minutes(2)); });
  EXPECT_THAT(log_.ToldOf({"a", "b"}), ::testing::UnorderedElementsAreArray(ContractTold()));
}

TEST_F(AlertmanagerOutageTest, CutOffForADayNothingEndsAndWhatEndedMeanwhileIsToldAfterwards) {
  alerts_.Fire("stays", Severity::kWarning);
  alerts_.Fire("ends", Severity::kWarning);
  RunFor(absl::Minutes(2));
  alertmanager_.CutOff(true);
  RunFor(absl::Hours(1));
  alerts_.Resolve("ends");
  alerts_.Fire("new", Severity::kCritical);
  RunFor(absl::Hours(24), absl::Minutes(1));
  EXPECT_EQ(Gauge("orewatch_alerting_unaccepted_alerts"), 1);
  EXPECT_EQ(log_.ToldOf({"watchdog"}).back().firing, false);
  alertmanager_.CutOff(false);
  RunFor(absl::Minutes(5));
  EXPECT_EQ(log_.ToldOf({"watchdog"}).back().firing, true);
  ExpectAllTold();
  EXPECT_EQ(Gauge("orewatch_alerting_unaccepted_alerts"), 0);
}

TEST_F(AlertmanagerOutageTest, ARestartIsSeenWithinAMinute) {
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Minutes(2));
  alertmanager_.Restart();
  RunFor(absl::Minutes(1));
  alerts_.Resolve("a");
  RunFor(absl::Minutes(2));
  ExpectAllTold();
  EXPECT_EQ(log_.Duplicates(), 0);
}

TEST_F(AlertmanagerOutageTest, ASenderThatStartsAnewEndsWhatEndedWhileThereWasNone) {
  alerts_.Fire("a", Severity::kWarning);
  alerts_.Fire("b", Severity::kWarning);
  RunFor(absl::Minutes(2));
  alerts_.Fire("b", Severity::kCritical);
  RunFor(absl::Minutes(2));
  sender_.reset();
  clock_.Advance(absl::Minutes(5));
  alerts_.Resolve("a");
  clock_.Advance(absl::Hours(3));
  StartSender();
  RunFor(absl::Minutes(2));
  alerts_.Resolve("b");
  RunFor(absl::Minutes(2));
  ExpectAllTold();
  EXPECT_THAT(log_.DebugString(), ::testing::HasSubstr("b #5 resolved warning"));
}

TEST_F(AlertmanagerOutageTest, ASenderThatStartsAnewSaysOfEachSeverityHowTheAlertEnded) {
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Minutes(2));
  alerts_.Fire("a", Severity::kCritical);
  RunFor(absl::Minutes(2));
  sender_.reset();
  alerts_.Resolve("a");
  clock_.Advance(absl::Minutes(5));
  StartSender();
  RunFor(absl::Minutes(2));
  ExpectAllTold();
  EXPECT_THAT(log_.DebugString(), ::testing::HasSubstr("a #3 resolved critical"));
  EXPECT_THAT(log_.DebugString(), ::testing::HasSubstr("a #3 resolved warning"));
}

TEST_F(AlertmanagerOutageTest, ASenderThatGetsTheLeaseBackKnowsWhatAnotherHasToldMeanwhile) {
  std::unique_ptr<AlertmanagerSender> other = NewSender();
  const auto hand_over = [&] {
    std::swap(sender_, other);
    ++lease_->epoch;
  };
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Seconds(10));
  hand_over();
  alerts_.Fire("b", Severity::kWarning);
  RunFor(absl::Seconds(10));
  alerts_.Fire("b", Severity::kCritical);
  RunFor(absl::Seconds(10));
  hand_over();
  alerts_.Resolve("b");
  RunFor(absl::Seconds(10));
  alerts_.Fire("b", Severity::kWarning);
  RunFor(absl::Seconds(10));
  ExpectAllTold();
  EXPECT_THAT(log_.DebugString(), ::testing::HasSubstr("b #4 resolved warning"));
}

TEST_F(AlertmanagerOutageTest, WithoutTheLeaseNothingIsTold) {
  lease_.reset();
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Minutes(5));
  EXPECT_EQ(log_.DebugString(), "");
}

TEST_F(AlertmanagerOutageTest, APoisonedAlertIsBuriedAndTheOthersAreTold) {
  for (int i = 0; i < 20; ++i) {
    alerts_.Fire(absl::StrCat("good", i), Severity::kWarning);
  }
  alerts_.Fire("bad", Severity::kWarning);
  alerts_.AddLabel("bad", "poison", "x");
  RunFor(absl::Minutes(2));
  EXPECT_EQ(Count(DeliveryState::kDead), 1);
  EXPECT_EQ(Count(DeliveryState::kDelivered), 20);
}

TEST_F(AlertmanagerOutageTest, OneThatRefusesEverythingKeepsNobodyElseFromBeingTold) {
  for (const char* bad : {"10.0.0.1", "10.0.0.9"}) {
    resolver_.addresses = {bad, kHealthy};
    StartSender();
    alerts_.Fire(absl::StrCat("beside ", bad), Severity::kWarning);
    RunFor(absl::Minutes(2));
    ExpectAllTold();
  }
  EXPECT_EQ(Count(DeliveryState::kDelivered), 2);
}

TEST_F(AlertmanagerOutageTest, OneThatRefusesEverythingIsTriedAgainAndToldOnceItTakesSomething) {
  resolver_.addresses = {"10.0.0.1"};
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Hours(1));
  EXPECT_EQ(Count(DeliveryState::kPending), 1);
  EXPECT_LT(network_.calls, 1000);
  EXPECT_EQ(Gauge("orewatch_alerting_unaccepted_alerts"), 1);
  network_.others = http::Response{.status = 200};
  RunFor(absl::Minutes(2));
  EXPECT_EQ(Count(DeliveryState::kDelivered), 1);
}

TEST_F(AlertmanagerOutageTest, WhatOneRefusesIsNotDeadWhileAnotherTakesIt) {
  alerts_.Fire("bad", Severity::kWarning);
  alerts_.AddLabel("bad", "poison", "x");
  resolver_.addresses = {"10.0.0.9", kHealthy};
  network_.others = http::Response{.status = 200};
  RunFor(absl::Minutes(2));
  EXPECT_EQ(Count(DeliveryState::kDelivered), 1);
}

TEST_F(AlertmanagerOutageTest, WhatHappensWhileTheSenderPostsIsNotDead) {
  alerts_.Fire("a", Severity::kWarning);
  alerts_.AddLabel("a", "poison", "x");
  bool happened = false;
  network_.before_post = [&](const http::Request&) {
    if (!std::exchange(happened, true)) {
      alerts_.Fire("new", Severity::kWarning);
      alerts_.Fire("a", Severity::kCritical);
    }
  };
  sender_->Step();
  EXPECT_EQ(Count(DeliveryState::kDead), 1) << "the first change of the refused one";
  EXPECT_EQ(Count(DeliveryState::kPending), 2);
  sender_->Step();
  EXPECT_EQ(Count(DeliveryState::kDelivered), 2);
}

TEST_F(AlertmanagerOutageTest, OneThatNeverAnswersDoesNotKeepWhatHasEndedForEver) {
  resolver_.addresses = {"10.0.0.9", kHealthy};
  network_.others = absl::UnavailableError("nobody there");
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Minutes(2));
  alerts_.Resolve("a");
  RunFor(absl::Hours(1), absl::Minutes(1));
  EXPECT_THAT(sender_->label_sets().KeysOf("a"), ::testing::SizeIs(1)) << "it may hold it from an earlier life of ours";
  RunFor(absl::Hours(48), absl::Minutes(1));
  EXPECT_THAT(sender_->label_sets().KeysOf("a"), IsEmpty());
}

TEST_F(AlertmanagerOutageTest, WhatIsReplayedIsAskedForAnew) {
  alerts_.Fire("a", Severity::kWarning);
  alerts_.AddLabel("a", "poison", "x");
  RunFor(absl::Minutes(2));
  ASSERT_EQ(Count(DeliveryState::kDead), 1);
  alertmanager_.TakePoison();
  ASSERT_THAT(alerts_.deliveries().ReplayDelivery(1, alerting::kAlertmanagerTarget, clock_.Now()), IsOk());
  RunFor(absl::Minutes(1));
  EXPECT_EQ(Count(DeliveryState::kDelivered), 1);
  ExpectAllTold();
}

TEST_F(AlertmanagerOutageTest, WhatDoesNotComeBackIsSaid) {
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Minutes(5));
  EXPECT_EQ(Gauge("orewatch_alerting_unnotified_transitions"), 1);
  EXPECT_EQ(Gauge("orewatch_alerting_unconfirmed"), 1);
  EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_notify_seconds", {{"stage", "dispatch"}}), 1);
  EXPECT_THAT(log_.DebugString(), ::testing::HasSubstr("delivery-unnotified"));
  ASSERT_THAT(alerts_.deliveries().MarkNotified("a", 1, clock_.Now()), IsOk());
  RunFor(absl::Minutes(1));
  EXPECT_EQ(Gauge("orewatch_alerting_unnotified_transitions"), 0);
  EXPECT_EQ(Gauge("orewatch_alerting_unconfirmed"), 0);
}

TEST_F(AlertmanagerOutageTest, WhatThePlatformSaysIsNotEndedByWhoTakesOver) {
  const auto ends = [this] {
    const auto told = log_.ToldOf({"delivery-unnotified"});
    return std::count_if(told.begin(), told.end(), [](const ToldChange& one) { return !one.firing; });
  };
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Minutes(5));
  StartSender();
  ++lease_->epoch;
  RunFor(absl::Minutes(5));
  EXPECT_EQ(ends(), 0) << log_.DebugString();
  const auto lease = std::exchange(lease_, std::nullopt);
  RunFor(absl::Seconds(30));
  lease_ = lease;
  RunFor(absl::Minutes(1));
  EXPECT_EQ(ends(), 0) << "by who had lost sight of its lease for a while";
  ASSERT_THAT(alerts_.deliveries().MarkNotified("a", 1, clock_.Now()), IsOk());
  StartSender();
  ++lease_->epoch;
  RunFor(absl::Minutes(2));
  EXPECT_EQ(ends(), 1) << log_.DebugString();
}

TEST_F(AlertmanagerOutageTest, WhatWasFoundUnderAnEarlierLeaseIsForgotten) {
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Minutes(5));
  ASSERT_EQ(Gauge("orewatch_alerting_unnotified_transitions"), 1);
  const auto lease = std::exchange(lease_, std::nullopt);
  RunFor(absl::Seconds(10));
  EXPECT_EQ(Gauge("orewatch_alerting_unnotified_transitions"), 0);
  ASSERT_THAT(alerts_.deliveries().MarkNotified("a", 1, clock_.Now()), IsOk());
  alertmanager_.Restart();
  const size_t told = log_.ToldOf({"delivery-unnotified"}).size();
  lease_ = {.epoch = lease->epoch + 1};
  RunFor(absl::Minutes(5));
  for (size_t i = told; i < log_.ToldOf({"delivery-unnotified"}).size(); ++i) {
    EXPECT_FALSE(log_.ToldOf({"delivery-unnotified"})[i].firing);
  }
}

TEST_F(AlertmanagerOutageTest, WhatThePlatformSaysHasTheNumbersOfNow) {
  const auto summary = [this] {
    for (const auto& alert : platform_->Snapshot(clock_.Now())) {
      if (alert->alert_id == "delivery-unnotified") {
        return alert->annotations.at("summary");
      }
    }
    return std::string();
  };
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Minutes(3));
  EXPECT_THAT(summary(), ::testing::StartsWith("1 "));
  alerts_.Fire("b", Severity::kWarning);
  RunFor(absl::Minutes(3));
  EXPECT_THAT(summary(), ::testing::StartsWith("2 "));
}

TEST_F(AlertmanagerOutageTest, AnAlertThatRisesAtOnceAndDoesNotComeBackIsSaid) {
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Seconds(20));
  alerts_.Fire("a", Severity::kCritical);
  RunFor(absl::Minutes(5));
  EXPECT_EQ(Gauge("orewatch_alerting_unnotified_transitions"), 2);
  EXPECT_EQ(Gauge("orewatch_alerting_unconfirmed"), 1) << "of one alert";
  alerts_.Resolve("a");
  RunFor(absl::Minutes(1));
  EXPECT_EQ(Gauge("orewatch_alerting_unconfirmed"), 0) << "it does not fire any more";
}

TEST_F(AlertmanagerOutageTest, AnAlertThatEndsAtOnceNeedNotComeBack) {
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Seconds(20));
  alerts_.Resolve("a");
  RunFor(absl::Minutes(5));
  EXPECT_EQ(Gauge("orewatch_alerting_unnotified_transitions"), 0);
  alerts_.Fire("a", Severity::kWarning);
  RunFor(absl::Minutes(1));
  EXPECT_EQ(Gauge("orewatch_alerting_unnotified_transitions"), 0) << "that it fires again is news yet";
  RunFor(absl::Minutes(4));
  EXPECT_EQ(Gauge("orewatch_alerting_unnotified_transitions"), 1);
}

TEST(AlertmanagerConfigTest, TheShippedConfigurationPassesItsChecker) {
  const Finished checked =
      RunToEnd({.program = "/usr/bin/amtool", .arguments = {"check-config", "deploy/alertmanager/alertmanager.yml"}});
  EXPECT_EQ(checked.code, 0) << checked.output;
}

}  // namespace
}  // namespace orewatch::testing
