// Any process may be killed at any time: nothing acknowledged is lost, and the others catch up without being told.
#include <signal.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

// Creates minerals with one producer each, for ever, and remembers what the registry acknowledged.
class Writer {
 public:
  explicit Writer(const std::shared_ptr<grpc::Channel>& registry)
      : registry_(registry), thread_([this] { WriteUntilStopped(); }) {}
  ~Writer() { Stop(); }

  void Stop() {
    stopped_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  int64_t acknowledged() const { return next_; }
  // Revision of the mineral's creation, by id; complete once stopped.
  const std::map<std::string, int64_t>& revisions() const { return revisions_; }
  // Waits until `more` further minerals have been acknowledged.
  void AwaitMore(int64_t more) {
    const int64_t wanted = acknowledged() + more;
    Eventually(absl::StrCat("the write of ", more, " more minerals"), [&] { return acknowledged() >= wanted; });
  }

 private:
  void WriteUntilStopped() {
    while (!stopped_) {
      const std::string id = absl::StrCat("m", next_.load());
      // Both may be repeated: the first by its request id, the second because it says the same again.
      if (Create(id) && Import(registry_, std::vector<std::string>{ProductionEntry(id, "CN", 5)}).ok()) {
        ++next_;
      }
    }
  }
  bool Create(const std::string& id) {
    registry::v1::CreateMineralRequest request;
    request.set_mineral_id(id);
    request.set_request_id(id);
    request.mutable_mineral()->mutable_provenance()->set_source("a test");
    const auto created = Call(registry_, &RegistryStub::CreateMineral, request);
    if (created.ok()) {
      revisions_[id] = created->metadata().revision().number();
    }
    return created.ok();
  }

  RegistryStub registry_;
  std::map<std::string, int64_t> revisions_;
  std::atomic<int64_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() : registry_(services_.registry().channel()), writer_(Prepared()) {}

  const std::shared_ptr<grpc::Channel>& Prepared() {
    ImportAll(registry_, {CountryEntry("CN")});
    return channel_;
  }
  // Killed while the writer writes. While another service than the registry is away, writes go on.
  void KillAndRestart(ServiceProcess& victim) {
    constexpr int64_t kSome = 20;
    writer_.AwaitMore(kSome);
    victim.Kill();
    if (&victim != &services_.registry()) {
      writer_.AwaitMore(kSome);
    }
    victim.Start();
    victim.AwaitReady();
    writer_.AwaitMore(kSome);
  }
  int64_t Head() { return Call(registry_, &RegistryStub::GetHead, {})->revision().number(); }

  void ExpectEveryMineralOnce() {
    std::map<std::string, int64_t> listed;
    ListAll(registry_, &RegistryStub::ListMinerals, registry::v1::ListMineralsRequest(), [&](const auto& page) {
      for (const auto& mineral : page.minerals()) {
        listed[mineral.name()] = mineral.metadata().revision().number();
      }
    });
    for (const auto& [id, revision] : writer_.revisions()) {
      EXPECT_EQ(listed["minerals/" + id], revision) << id;
    }
  }
  void ExpectDenseHistory() {
    grpc::ClientContext context;
    LimitCall(context);
    const auto reader = registry_.Watch(&context, {});
    std::set<std::string> created;
    absl::Time last = absl::InfinitePast();
    registry::v1::ChangeSet set;
    for (int64_t revision = 1, head = Head(); revision <= head; ++revision) {
      ASSERT_TRUE(reader->Read(&set));
      ASSERT_EQ(set.revision().number(), revision);
      const absl::Time time =
          absl::FromUnixSeconds(set.commit_time().seconds()) + absl::Nanoseconds(set.commit_time().nanos());
      ASSERT_GT(time, last) << "revision " << revision;
      last = time;
      for (const auto& change : set.changes()) {
        if (change.operation() == registry::v1::Change::OPERATION_CREATE) {
          ASSERT_TRUE(created.insert(change.name()).second) << change.name() << " was created twice";
        }
      }
    }
    context.TryCancel();
  }
  void ExpectEveryScore() {
    RiskStub risk(services_.risk().channel());
    for (int64_t i = 0; i < writer_.acknowledged(); ++i) {
      risk::v1::GetScoreRequest request;
      *request.mutable_key() = MineHhi(absl::StrCat("m", i));
      request.set_min_revision(Head());
      const auto score = Call(risk, &RiskStub::GetScore, request);
      ASSERT_TRUE(score.ok()) << score.status();
      ASSERT_EQ(score->value(), 10'000);
    }
  }
  void ExpectEveryAlert() {
    AlertingStub alerting(services_.alerting().channel());
    alerting::v1::ListAlertsRequest request;
    request.set_rule("rules/concentration-critical");
    request.set_state(alerting::v1::ALERT_STATE_FIRING);
    const int64_t head = Head();
    Eventually("alerting at the head", [&] {
      const auto page = Call(alerting, &AlertingStub::ListAlerts, request);
      return page.ok() && page->revision().number() >= head;
    });
    std::set<std::string> firing;
    int64_t newest = 0;
    ListAll(alerting, &AlertingStub::ListAlerts, request, [&](const auto& page) {
      newest = page.sequence();
      for (const auto& alert : page.alerts()) {
        firing.insert(alert.subject().subject());
      }
    });
    for (int64_t i = 0; i < writer_.acknowledged(); ++i) {
      EXPECT_TRUE(firing.contains(absl::StrCat("minerals/m", i))) << i;
    }
    ExpectDenseTransitions(alerting, newest);
  }
  static void ExpectDenseTransitions(AlertingStub& alerting, int64_t newest) {
    grpc::ClientContext context;
    LimitCall(context);
    const auto reader = alerting.WatchAlerts(&context, {});
    alerting::v1::WatchAlertsResponse message;
    for (int64_t sequence = 1; sequence <= newest; ++sequence) {
      do {
        ASSERT_TRUE(reader->Read(&message));
      } while (message.has_bookmark());
      ASSERT_EQ(message.event().sequence(), sequence);
    }
    context.TryCancel();
  }
  void ExpectAWholeBrief() {
    GatewayStub gateway(services_.gateway().channel());
    gateway::v1::GetMineralBriefRequest request;
    request.set_name(absl::StrCat("minerals/m", writer_.acknowledged() - 1));
    const auto brief = Call(gateway, &GatewayStub::GetMineralBrief, request);
    ASSERT_TRUE(brief.ok()) << brief.status();
    EXPECT_GT(brief->scores_size(), 0);
    for (const auto* section : {&brief->registry(), &brief->risk(), &brief->alerting()}) {
      EXPECT_EQ(section->state(), gateway::v1::SectionStatus::STATE_FRESH) << section->error();
    }
  }

  SeparateServices services_;
  std::shared_ptr<grpc::Channel> channel_ = services_.registry().channel();
  RegistryStub registry_;
  Writer writer_;
};

TEST_F(CrashTest, NothingAcknowledgedIsLostWhoeverIsKilled) {
  for (int round = 0; round < 2; ++round) {
    for (ServiceProcess* victim :
         {&services_.registry(), &services_.risk(), &services_.alerting(), &services_.gateway()}) {
      KillAndRestart(*victim);
    }
  }
  writer_.Stop();
  ExpectEveryMineralOnce();
  ExpectDenseHistory();
  ExpectEveryScore();
  ExpectEveryAlert();
  ExpectAWholeBrief();
}

}  // namespace
}  // namespace orewatch::testing
