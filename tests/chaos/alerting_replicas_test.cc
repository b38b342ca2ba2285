// Replicas of alerting on one PostgreSQL: any of them takes writes, one evaluates, and when that one is killed or
// stopped another goes on, with no alert lost, none falsely resolved and none told of twice.
#include <csignal>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "tests/chaos/run.h"
#include "tests/testing/clients.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {
namespace {

using alerting::v1::ALERT_STATE_FIRING;
using alerting::v1::ALERT_STATE_RESOLVED;

constexpr int kMinerals = 4;
constexpr absl::Duration kLease = absl::Seconds(2);
constexpr absl::Duration kVisible = absl::Seconds(1);

std::string Mineral(int i) { return absl::StrCat("mineral-", i); }

class AlertingReplicasTest : public ::testing::Test {
 protected:
  void Start(size_t count) {
    auto postgres = PostgresServer::Start();
    ASSERT_TRUE(postgres.ok()) << postgres.status();
    postgres_ = *std::move(postgres);
    address_ = postgres_->Address(postgres_->CreateDatabase());
    registry_process_ =
        std::make_unique<ServiceProcess>("orewatch-registry", dir_ / "registry.log",
                                         std::vector<std::string>{absl::StrCat("--data_dir=", dir_ / "registry")});
    risk_process_ = std::make_unique<ServiceProcess>(
        "orewatch-risk", dir_ / "risk.log",
        std::vector<std::string>{absl::StrCat("--registry_address=", registry_process_->address())});
    registry_ = std::make_unique<RegistryStub>(registry_process_->channel());
    std::vector<std::string> entries = {CountryEntry("CN"), CountryEntry("CL")};
    for (int i = 0; i < kMinerals; ++i) {
      entries.push_back(MineralEntry(Mineral(i)));
      entries.push_back(ProductionEntry(Mineral(i), "CN", 100));
      entries.push_back(ProductionEntry(Mineral(i), "CL", 100));
      should_fire_.push_back(false);
      changes_.push_back(0);
    }
    revision_ = ImportAll(*registry_, entries);
    for (size_t i = 0; i < count; ++i) {
      replicas_.push_back(std::make_unique<ServiceProcess>(
          "orewatch-alerting", dir_ / absl::StrCat("alerting", i, ".log"),
          std::vector<std::string>{absl::StrCat("--database=", address_),
                                   absl::StrCat("--risk_address=", risk_process_->address()),
                                   absl::StrCat("--lease_duration=", absl::FormatDuration(kLease))}));
    }
  }
  std::unique_ptr<AlertingStub> Stub(size_t replica) const {
    return std::make_unique<AlertingStub>(replicas_[replica]->channel());
  }
  bool Evaluates(size_t replica) const {
    return absl::StrContains(replicas_[replica]->AdminPage("/metrics").value_or(""), "orewatch_alerting_leader 1\n");
  }
  // Of those that may be asked the one that evaluates, when there is one.
  size_t AwaitHolder(const std::set<size_t>& but = {}) const {
    size_t holder = replicas_.size();
    Eventually("a replica evaluates", [&] {
      for (size_t i = 0; i < replicas_.size() && holder == replicas_.size(); ++i) {
        if (!but.contains(i) && Evaluates(i)) {
          holder = i;
        }
      }
      return holder < replicas_.size();
    });
    return holder;
  }
  size_t Other(size_t replica) const { return (replica + 1) % replicas_.size(); }

  void CreateRule(size_t replica) {
    alerting::v1::CreateRuleRequest request;
    request.set_rule_id("one-country");
    request.set_request_id("the-rule");
    *request.mutable_rule()->mutable_target() = MineHhi("");
    request.mutable_rule()->mutable_target()->clear_subject();
    request.mutable_rule()->mutable_threshold()->set_raise(9000);
    request.mutable_rule()->mutable_threshold()->set_clear(6000);
    request.mutable_rule()->set_severity(alerting::v1::SEVERITY_WARNING);
    const auto created = Call(*Stub(replica), &AlertingStub::CreateRule, request);
    ASSERT_TRUE(created.ok()) << created.status();
    const auto again = Call(*Stub(Other(replica)), &AlertingStub::CreateRule, request);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->etag(), created->etag());
  }
  // Makes one alert begin or end.
  void Toggle(int mineral) {
    const auto i = static_cast<size_t>(mineral);
    should_fire_[i] = !should_fire_[i];
    ++changes_[i];
    revision_ = ImportAll(*registry_, {ProductionEntry(Mineral(mineral), "CL", should_fire_[i] ? 1 : 100)});
  }
  // What a replica says once it has seen the last change.
  std::map<std::string, alerting::v1::AlertState> StatesAt(size_t replica) {
    alerting::v1::ListAlertsRequest request;
    request.set_min_revision(revision_);
    const auto alerts = Call(*Stub(replica), &AlertingStub::ListAlerts, request);
    EXPECT_TRUE(alerts.ok()) << alerts.status();
    std::map<std::string, alerting::v1::AlertState> states;
    if (alerts.ok()) {
      for (const auto& alert : alerts->alerts()) {
        states[alert.subject().subject()] = alert.state();
      }
    }
    return states;
  }
  std::map<std::string, alerting::v1::AlertState> Expected() const {
    std::map<std::string, alerting::v1::AlertState> states;
    for (size_t i = 0; i < should_fire_.size(); ++i) {
      if (changes_[i] > 0) {
        states[absl::StrCat("minerals/", Mineral(static_cast<int>(i)))] =
            should_fire_[i] ? ALERT_STATE_FIRING : ALERT_STATE_RESOLVED;
      }
    }
    return states;
  }
  // Each change of a figure has changed its alert once, in order, under numbers without a gap.
  void CheckTimeline(size_t replica) {
    const auto newest = Call(*Stub(replica), &AlertingStub::ListAlerts, {});
    ASSERT_TRUE(newest.ok()) << newest.status();
    grpc::ClientContext context;
    LimitCall(context);
    const auto stub = Stub(replica);
    const auto stream = stub->WatchAlerts(&context, {});
    std::map<std::string, int> changes;
    std::map<std::string, alerting::v1::AlertState> states;
    alerting::v1::WatchAlertsResponse message;
    for (int64_t sequence = 1; sequence <= newest->sequence(); ++sequence) {
      do {
        ASSERT_TRUE(stream->Read(&message));
      } while (message.has_bookmark());
      EXPECT_EQ(message.event().sequence(), sequence);
      const std::string& subject = message.alert().subject().subject();
      auto& state = states.try_emplace(subject, alerting::v1::ALERT_STATE_INACTIVE).first->second;
      EXPECT_EQ(message.event().from(), state) << subject;
      state = message.event().to();
      ++changes[subject];
    }
    for (size_t i = 0; i < changes_.size(); ++i) {
      EXPECT_EQ(changes[absl::StrCat("minerals/", Mineral(static_cast<int>(i)))], changes_[i])
          << Mineral(static_cast<int>(i));
    }
  }
  void ExpectAllAgree() {
    for (size_t i = 0; i < replicas_.size(); ++i) {
      EXPECT_EQ(StatesAt(i), Expected()) << "replica " << i;
      CheckTimeline(i);
    }
  }

  TempDir dir_;
  std::unique_ptr<PostgresServer> postgres_;
  std::string address_;
  std::unique_ptr<ServiceProcess> registry_process_;
  std::unique_ptr<ServiceProcess> risk_process_;
  std::unique_ptr<RegistryStub> registry_;
  std::vector<bool> should_fire_;
  std::vector<int> changes_;
  int64_t revision_ = 0;
  // Last: they use the rest.
  std::vector<std::unique_ptr<ServiceProcess>> replicas_;
};

TEST_F(AlertingReplicasTest, AnyReplicaTakesWritesAndShowsThoseOfTheOthers) {
  Start(2);
  const size_t holder = AwaitHolder();
  const size_t other = Other(holder);
  CreateRule(other);
  Toggle(0);
  EXPECT_EQ(StatesAt(other), Expected());
  EXPECT_EQ(StatesAt(holder), Expected());
  EXPECT_FALSE(Evaluates(other));

  alerting::v1::GetRuleRequest get;
  get.set_name("rules/one-country");
  const auto rule = Call(*Stub(holder), &AlertingStub::GetRule, get);
  ASSERT_TRUE(rule.ok()) << rule.status();
  alerting::v1::UpdateRuleRequest update;
  *update.mutable_rule() = *rule;
  update.mutable_rule()->set_disabled(true);
  const auto updated = Call(*Stub(other), &AlertingStub::UpdateRule, update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  should_fire_[0] = false;
  ++changes_[0];
  EXPECT_EQ(StatesAt(other), Expected()) << "at once, where it was written";
  EXPECT_TRUE(Eventually(
      "the other shows it", [&] { return StatesAt(holder) == Expected(); }, kVisible));
  EXPECT_EQ(Call(*Stub(holder), &AlertingStub::UpdateRule, update).status().code(), absl::StatusCode::kAborted)
      << "its etag is that of an older rule";
  ExpectAllAgree();
}

TEST_F(AlertingReplicasTest, WhenTheOneThatEvaluatesIsKilledAnotherGoesOn) {
  Start(3);
  CreateRule(0);
  Random random(SeedOfRun());
  const int rounds = Soaking() ? 30 : 3;
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    const size_t holder = AwaitHolder();
    const auto first = static_cast<int>(Between(0, kMinerals - 1, random));
    Toggle(first);
    if (Between(0, 1, random) == 1) {
      StatesAt(holder);
    }
    replicas_[holder]->Kill();
    const absl::Time killed = absl::Now();
    Toggle((first + 1) % kMinerals);
    AwaitHolder({holder});
    std::cout << "taken over after " << absl::Now() - killed << "\n";
    EXPECT_EQ(StatesAt(Other(holder)), Expected());
    replicas_[holder]->Start();
    replicas_[holder]->AwaitReady();
    ExpectAllAgree();
  }
}

TEST_F(AlertingReplicasTest, OneThatWakesAfterItsLeaseWritesNothingMore) {
  Start(2);
  CreateRule(0);
  Toggle(0);
  const size_t holder = AwaitHolder();
  EXPECT_EQ(StatesAt(holder), Expected());
  replicas_[holder]->process().Signal(SIGSTOP);
  AwaitHolder({holder});
  Toggle(1);
  EXPECT_EQ(StatesAt(Other(holder)), Expected());
  Toggle(0);
  replicas_[holder]->process().Signal(SIGCONT);
  ASSERT_TRUE(Eventually("it knows that another evaluates", [&] { return !Evaluates(holder); }));
  Toggle(1);
  ExpectAllAgree();
  EXPECT_TRUE(Evaluates(Other(holder)));
}

}  // namespace
}  // namespace orewatch::testing
