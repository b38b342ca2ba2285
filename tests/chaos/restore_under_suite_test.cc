// The registry's database goes back to an older state while the whole suite runs and is asked all the time: risk,
// alerting and the gateway notice and load again, and every answer belongs to one history.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/storage/sqlite.h"
#include "gmock/gmock.h"
#include "tests/chaos/answer_checker.h"
#include "tests/chaos/feed.h"
#include "tests/chaos/run.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

using ::testing::IsEmpty;

constexpr char kRule[] = "rules/tin-mining";

bool IsMineHhi(const risk::v1::ScoreKey& key) { return key.SerializeAsString() == MineHhi("tin").SerializeAsString(); }

// Asks every service but the registry for the same figure, over and over, and keeps all that they say.
class Onlookers {
 public:
  explicit Onlookers(SeparateServices& services)
      : risk_(services.risk().channel()),
        alerting_(services.alerting().channel()),
        gateway_(services.gateway().channel()) {
    for (void (Onlookers::*ask)() : {&Onlookers::AskRiskForScore, &Onlookers::AskRiskForList, &Onlookers::AskAlerting,
                                     &Onlookers::AskGatewayForBrief, &Onlookers::AskGatewayForOverview}) {
      threads_.emplace_back([this, ask] {
        while (!stopped()) {
          (this->*ask)();
        }
      });
    }
  }
  ~Onlookers() { Stop(); }
  void Stop() {
    {
      absl::MutexLock lock(&mutex_);
      stopped_ = true;
    }
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }
  // Waits until every part of every answer has shown this revision, or a later one of its lineage.
  void AwaitAll(const type::v1::Revision& revision) {
    absl::MutexLock lock(&mutex_);
    for (const char* who : {"risk's score", "risk's list", "alerting's list", "the brief's scores",
                            "the brief's alerts", "the overview's scores", "the overview's alerts"}) {
      const auto there = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        const auto newest = newest_.find(who);
        return newest != newest_.end() && newest->second.lineage() == revision.lineage() &&
               newest->second.number() >= revision.number();
      };
      EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), kPatience))
          << who << " has not come to revision " << revision.number() << " but to " << newest_[who].ShortDebugString();
    }
  }
  // Complete once stopped.
  const std::vector<SeenConcentration>& seen() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return seen_; }
  const std::vector<std::string>& mixtures() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return mixtures_; }

 private:
  bool stopped() {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }
  void Note(const std::string& who, const type::v1::Revision& revision, double value) {
    absl::MutexLock lock(&mutex_);
    seen_.push_back({who, revision, value});
    newest_[who] = revision;
  }
  void NoteParts(const std::string& who, const std::vector<const gateway::v1::SectionStatus*>& sections) {
    std::vector<type::v1::Revision> parts;
    for (const auto* section : sections) {
      if (section->has_revision()) {
        parts.push_back(section->revision());
      }
    }
    if (std::string fault = FaultOfLineages(who, parts); !fault.empty()) {
      absl::MutexLock lock(&mutex_);
      mixtures_.push_back(std::move(fault));
    }
  }
  template <typename Scores>
  void NoteScores(const std::string& who, const type::v1::Revision& revision, const Scores& scores) {
    for (const risk::v1::Score& score : scores) {
      if (IsMineHhi(score.key())) {
        Note(who, revision, score.value());
      }
    }
  }
  template <typename Alerts>
  void NoteAlerts(const std::string& who, const type::v1::Revision& revision, const Alerts& alerts) {
    for (const alerting::v1::Alert& alert : alerts) {
      if (alert.rule() == kRule) {
        Note(who, revision, alert.value());
      }
    }
  }

  void AskRiskForScore() {
    risk::v1::GetScoreRequest request;
    *request.mutable_key() = MineHhi("tin");
    if (const auto score = Call(risk_, &RiskStub::GetScore, request); score.ok()) {
      Note("risk's score", score->revision(), score->value());
    }
  }
  void AskRiskForList() {
    if (const auto page = Call(risk_, &RiskStub::ListScores, risk::v1::ListScoresRequest()); page.ok()) {
      NoteScores("risk's list", page->revision(), page->scores());
    }
  }
  void AskAlerting() {
    if (const auto page = Call(alerting_, &AlertingStub::ListAlerts, alerting::v1::ListAlertsRequest()); page.ok()) {
      NoteAlerts("alerting's list", page->revision(), page->alerts());
    }
  }
  void AskGatewayForBrief() {
    gateway::v1::GetMineralBriefRequest request;
    request.set_name("minerals/tin");
    if (const auto brief = Call(gateway_, &GatewayStub::GetMineralBrief, request); brief.ok()) {
      NoteScores("the brief's scores", brief->risk().revision(), brief->scores());
      NoteAlerts("the brief's alerts", brief->alerting().revision(), brief->alerts());
      NoteParts("the brief", {&brief->registry(), &brief->risk(), &brief->alerting()});
    }
  }
  void AskGatewayForOverview() {
    gateway::v1::GetOverviewRequest request;
    request.set_critical_list("TEST");
    if (const auto overview = Call(gateway_, &GatewayStub::GetOverview, request); overview.ok()) {
      for (const auto& ranked : overview->minerals()) {
        // Two answers of risk's are in it, so that each score says for itself of when it is.
        for (const risk::v1::Score& score : ranked.stages()) {
          NoteScores("the overview's scores", score.revision(), std::vector<risk::v1::Score>{score});
        }
      }
      NoteAlerts("the overview's alerts", overview->alerting().revision(), overview->firing_alerts());
      NoteParts("the overview", {&overview->registry(), &overview->risk(), &overview->alerting()});
    }
  }

  RiskStub risk_;
  AlertingStub alerting_;
  GatewayStub gateway_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<SeenConcentration> seen_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, type::v1::Revision> newest_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> mixtures_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

class RestoreUnderTheSuiteTest : public ::testing::Test {
 protected:
  static int64_t Revisions() { return Soaking() ? 500 : 40; }

  // `save` remembers the state of now, `restore` goes back to it.
  void RestoreAndCheck(SeparateServices& services, const std::function<void()>& save,
                       const std::function<void()>& restore) {
    RegistryStub registry(services.registry().channel());
    ImportAll(registry, {CountryEntry("CN"), CountryEntry("AU"),
                         "mineral { name: 'minerals/tin' critical_lists: 'TEST' provenance { source: 'a test' } }",
                         ProductionEntry("tin", "AU", 1000)});
    CreateRule(services);
    constexpr double kKept = 1000;
    constexpr double kLost = 2000;
    constexpr double kOther = 4000;
    Restate(registry, kKept);
    Onlookers onlookers(services);
    save();
    Restate(registry, kLost);
    onlookers.AwaitAll(Head(registry));
    const auto lost = ReadHistory(registry);
    restore();
    Eventually("the registry's return", [&] { return Head(registry).number() > 0; });
    const absl::Time back = absl::Now();
    Restate(registry, kOther);
    onlookers.AwaitAll(Head(registry));
    std::cout << "all had followed " << absl::Now() - back << " after the registry was back\n";
    onlookers.Stop();
    const auto restored = ReadHistory(registry);
    ASSERT_TRUE(lost.ok() && restored.ok());
    ASSERT_NE(lost->back().revision().lineage(), restored->back().revision().lineage());
    Check(*lost, *restored, onlookers);
  }
  static void Check(const History& lost, const History& restored, const Onlookers& onlookers) {
    AnswerChecker checker;
    checker.AddHistory(lost);
    checker.AddHistory(restored);
    std::vector<std::string> faults = onlookers.mixtures();
    for (const SeenConcentration& seen : onlookers.seen()) {
      if (std::string fault = checker.FaultOf(seen); !fault.empty()) {
        faults.push_back(std::move(fault));
      }
    }
    std::cout << onlookers.seen().size() << " answers checked\n";
    constexpr size_t kShown = 20;
    const size_t count = faults.size();
    faults.resize(std::min(count, kShown));
    EXPECT_THAT(faults, IsEmpty()) << count << " faults";
  }
  static void CreateRule(SeparateServices& services) {
    AlertingStub alerting(services.alerting().channel());
    alerting::v1::CreateRuleRequest request;
    request.set_rule_id("tin-mining");
    *request.mutable_rule()->mutable_target() = MineHhi("tin");
    request.mutable_rule()->mutable_threshold()->set_raise(1);
    request.mutable_rule()->set_severity(alerting::v1::SEVERITY_CRITICAL);
    const auto created = Call(alerting, &AlertingStub::CreateRule, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }
  // So many revisions, each with a concentration of its own.
  static void Restate(RegistryStub& registry, double tonnes) {
    for (int64_t i = 0; i < Revisions(); ++i) {
      const std::vector<std::string> rows = {ProductionEntry("tin", "CN", tonnes + static_cast<double>(i))};
      Eventually("a restatement", [&] { return Import(registry, rows).ok(); });
    }
  }
  static type::v1::Revision Head(RegistryStub& registry) {
    const auto head = Call(registry, &RegistryStub::GetHead, registry::v1::GetHeadRequest());
    return head.ok() ? head->revision() : type::v1::Revision();
  }
};

TEST_F(RestoreUnderTheSuiteTest, ASqliteFileFromACopyThatWasMadeWhileItRan) {
  SeparateServices services;
  const std::string file = services.registry_dir() + "/registry.db";
  const std::string copy = file + ".copy";
  const auto save = [&] {
    const auto db = storage::Sqlite::Open(file);
    ASSERT_TRUE(db.ok()) << db.status();
    ASSERT_TRUE((*db)->Execute(absl::StrCat("VACUUM INTO '", copy, "'")).ok());
  };
  const auto restore = [&] {
    ASSERT_EQ(services.registry().Terminate(), 0);
    for (const char* suffix : {"-wal", "-shm"}) {
      std::filesystem::remove(file + suffix);
    }
    std::filesystem::rename(copy, file);
    services.registry().Start();
    services.registry().AwaitReady();
  };
  RestoreAndCheck(services, save, restore);
}

TEST_F(RestoreUnderTheSuiteTest, APostgresToAPointInTime) {
  auto postgres = PostgresServer::Start();
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  const std::string database = (*postgres)->CreateDatabase();
  ASSERT_TRUE((*postgres)->KeepForRestore().ok());
  SeparateServices services((*postgres)->Address(database));
  const auto save = [&] {
    ASSERT_TRUE(
        (*postgres)->RunClient("psql", {"-d", "postgres", "-c", "SELECT pg_create_restore_point('here')"}).ok());
  };
  const auto restore = [&] {
    const absl::Status status = (*postgres)->RestoreTo("here");
    ASSERT_TRUE(status.ok()) << status;
  };
  RestoreAndCheck(services, save, restore);
}

}  // namespace
}  // namespace orewatch::testing
