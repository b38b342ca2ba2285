// Two replicas of alerting on one PostgreSQL with a real Alertmanager: whoever evaluates is killed, or stopped and
// woken, while alerts change. Each change is told, none twice but while the lease changed hands, and no end that was
// none.
#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/chaos/alert_scene.h"
#include "tests/chaos/run.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::testing {
namespace {

class AlertingFailoverTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto postgres = PostgresServer::Start();
    ASSERT_TRUE(postgres.ok()) << postgres.status();
    postgres_ = *std::move(postgres);
    std::vector<std::string> flags = scene_.Flags();
    flags.insert(flags.end(),
                 {absl::StrCat("--database=", postgres_->Address(postgres_->CreateDatabase())), "--lease_duration=2s"});
    for (int i = 0; i < 2; ++i) {
      replicas_.push_back(std::make_unique<ServiceProcess>("orewatch-alerting",
                                                           absl::StrCat(scene_.dir(), "/alerting", i, ".log"), flags));
    }
    scene_.CreateRule(replicas_[0]->channel());
    scene_.Set(kBystander, Concentration::kWarning);
    scene_.AwaitTold(replicas_[0]->channel());
  }
  bool Evaluates(size_t replica) const {
    return absl::StrContains(replicas_[replica]->AdminPage("/metrics").value_or(""), "orewatch_alerting_leader 1\n");
  }
  size_t AwaitHolder() const {
    Eventually("a replica evaluates", [&] { return Evaluates(0) || Evaluates(1); });
    return Evaluates(0) ? 0 : 1;
  }
  // Some change while the lease is on its way, and all of it is told.
  void ChangeAndAwait(size_t survivor) {
    scene_.Advance(1);
    scene_.Advance(2);
    Eventually("the other evaluates", [&] { return Evaluates(survivor); });
    scene_.AwaitTold(replicas_[survivor]->channel());
  }
  void KillTheHolder() {
    const size_t holder = AwaitHolder();
    scene_.Advance(0);
    // From before it has heard of the change to after it has told of it.
    absl::SleepFor(absl::Milliseconds(Between(0, 600, random_)));
    const absl::Time killed = absl::Now();
    replicas_[holder]->Kill();
    ChangeAndAwait(1 - holder);
    scene_.Excuse(killed, absl::Now());
    replicas_[holder]->Start();
    replicas_[holder]->AwaitReady();
  }
  void StopTheHolderForLong() {
    const size_t holder = AwaitHolder();
    scene_.Advance(0);
    absl::SleepFor(absl::Milliseconds(Between(0, 600, random_)));
    const absl::Time stopped = absl::Now();
    replicas_[holder]->process().Signal(SIGSTOP);
    ChangeAndAwait(1 - holder);
    replicas_[holder]->process().Signal(SIGCONT);
    Eventually("it knows that another evaluates", [&] { return !Evaluates(holder); });
    scene_.Advance(1);
    scene_.AwaitTold(replicas_[holder]->channel());
    scene_.Excuse(stopped, absl::Now());
  }
  void Check() {
    for (const auto& replica : replicas_) {
      scene_.Check(replica->channel());
    }
    std::cout << scene_.duplicates() << " told again\n";
  }

  static constexpr int kBystander = AlertScene::kMinerals - 1;

  AlertScene scene_{/*confirmed=*/false};
  Random random_{SeedOfRun()};
  const int rounds_ = Soaking() ? 50 : 2;
  std::unique_ptr<PostgresServer> postgres_;
  std::vector<std::unique_ptr<ServiceProcess>> replicas_;
};

TEST_F(AlertingFailoverTest, WhatChangesWhileTheHolderDiesIsToldOnce) {
  for (int round = 0; round < rounds_ && !HasFailure(); ++round) {
    KillTheHolder();
  }
  Check();
}

TEST_F(AlertingFailoverTest, OneThatWakesAfterItsLeaseTellsNothingThatIsOver) {
  for (int round = 0; round < rounds_ && !HasFailure(); ++round) {
    StopTheHolderForLong();
  }
  Check();
}

}  // namespace
}  // namespace orewatch::testing
