// The sender against the real Alertmanager, on wall time with short intervals: every change told, nothing told twice
// but where a process was killed, no end told that was none.
#include <atomic>
#include <list>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/alertmanager_fixture.h"
#include "tests/testing/alertmanager_process.h"
#include "tests/testing/tcp_proxy.h"

namespace orewatch::testing {
namespace {

using alerting::AlertmanagerSender;
using alerting::DeliveryState;
using alerting::Severity;
using ::testing::IsEmpty;

constexpr absl::Duration kPatience = absl::Seconds(20);
// Of the members of a cluster, and an interval of a group.
constexpr absl::Duration kTurns = absl::Milliseconds(1500);
constexpr absl::Duration kStep = absl::Milliseconds(20);

class AlertmanagerDeliveryTest : public ::testing::Test {
 protected:
  ~AlertmanagerDeliveryTest() override {
    stopped_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  enum class Through { kNothing, kProxy };
  // Starts so many members and, when they know each other, the sender.
  void Start(int members, Through to_first = Through::kNothing) {
    for (int i = 0; i < members; ++i) {
      members_.emplace_back(AlertmanagerProcess::Config(receiver_.url()));
    }
    if (to_first == Through::kProxy) {
      proxy_ = std::make_unique<TcpProxy>(members_.front().port());
    }
    AlertmanagerSender::Options options;
    for (AlertmanagerProcess& member : members_) {
      StartMember(member);
      options.urls.push_back(&member == &members_.front() && proxy_ != nullptr
                                 ? absl::StrCat("http://127.0.0.1:", proxy_->port())
                                 : member.url());
    }
    options.policy.timeout = absl::Milliseconds(500);
    options.policy.resend = absl::Milliseconds(500);
    options.policy.backoff = {.first = absl::Milliseconds(50), .longest = absl::Milliseconds(200)};
    sender_ = std::make_unique<AlertmanagerSender>(
        options, AlertmanagerSender::Dependencies{.alerts = alerts_,
                                                  .store = alerts_.deliveries(),
                                                  .clock = clock_,
                                                  .client = *client_,
                                                  .resolver = resolver_,
                                                  .metrics = metrics_,
                                                  .lease = [this] { return std::optional(alerts_.lease()); }});
    thread_ = std::thread([this] {
      while (!stopped_) {
        sender_->Step();
        absl::SleepFor(kStep);
      }
    });
  }
  void StartMember(AlertmanagerProcess& member) {
    std::vector<std::string> peers;
    if (members_.size() > 1) {
      for (const AlertmanagerProcess& peer : members_) {
        peers.push_back(peer.cluster_address());
      }
    }
    member.Start(peers);
  }
  void AwaitAll() {
    EXPECT_TRUE(log_.Await(alerts_.changes(), kPatience)) << log_.DebugString();
    EXPECT_THAT(log_.Check(alerts_.changes()), IsEmpty()) << log_.DebugString();
  }
  // Long enough for what is wrong to show: several intervals of everything.
  void LetItShow() {
    absl::SleepFor(absl::Seconds(2));
    EXPECT_THAT(log_.Check(alerts_.changes()), IsEmpty()) << log_.DebugString();
  }
  void ExpectAllDelivered(size_t replicas) {
    const absl::Time deadline = absl::Now() + kPatience;
    const auto all_accepted = [&] {
      const auto deliveries = alerts_.AllDeliveries();
      return std::all_of(deliveries.begin(), deliveries.end(), [&](const alerting::Delivery& delivery) {
        return delivery.state == DeliveryState::kDelivered && delivery.accepted_by.size() == replicas;
      });
    };
    while (!all_accepted() && absl::Now() < deadline) {
      absl::SleepFor(kStep);
    }
    EXPECT_TRUE(all_accepted());
  }

  int64_t Count(DeliveryState state) {
    return *alerts_.deliveries().CountDeliveries(alerting::kAlertmanagerTarget, state);
  }

  SystemClock clock_;
  NotificationLog log_;
  NotificationReceiver receiver_{log_};
  std::list<AlertmanagerProcess> members_;
  // Between the sender and the first member.
  std::unique_ptr<TcpProxy> proxy_;
  ScriptedAlerts alerts_{clock_};
  prometheus::Registry registry_;
  alerting::DeliveryMetrics metrics_{registry_};
  alerting::SystemResolver resolver_;
  std::atomic<bool> stopped_ = false;
  std::unique_ptr<http::Client> client_ = http::NewClient();
  std::unique_ptr<AlertmanagerSender> sender_;
  std::thread thread_;
};

TEST_F(AlertmanagerDeliveryTest, OneTellsOfEachChangeOnce) {
  Start(1);
  RunContract(alerts_, [this] {
    AwaitAll();
    LetItShow();
  });
  EXPECT_THAT(log_.ToldOf({"a", "b"}), ::testing::UnorderedElementsAreArray(ContractTold()));
  ExpectAllDelivered(1);
}

TEST_F(AlertmanagerDeliveryTest, ARestartOfTheOnlyOneLosesNothing) {
  Start(1);
  alerts_.Fire("a", Severity::kWarning);
  alerts_.Fire("b", Severity::kWarning);
  AwaitAll();
  // It writes down that it has told only afterwards.
  LetItShow();
  members_.front().Stop();
  // What happens meanwhile is told afterwards.
  alerts_.Resolve("a");
  alerts_.Fire("c", Severity::kCritical);
  StartMember(members_.front());
  EXPECT_TRUE(log_.Await({{"c", 4, true, "critical"}}, kPatience)) << log_.DebugString();
  AwaitAll();
  LetItShow();
  EXPECT_EQ(log_.Duplicates(), 0) << log_.DebugString();
}

TEST_F(AlertmanagerDeliveryTest, ThreeTellAsOneWould) {
  Start(3);
  alerts_.Fire("a", Severity::kWarning);
  alerts_.Fire("b", Severity::kWarning);
  AwaitAll();
  LetItShow();
  alerts_.Fire("a", Severity::kCritical);
  AwaitAll();
  LetItShow();
  alerts_.Resolve("a");
  AwaitAll();
  LetItShow();
  EXPECT_EQ(log_.Duplicates(alerts_.change_times(), kTurns), 0) << log_.DebugString();
  ExpectAllDelivered(3);
}

TEST_F(AlertmanagerDeliveryTest, OfThreeOneMayBeKilledAndComeBack) {
  Start(3);
  alerts_.Fire("a", Severity::kWarning);
  AwaitAll();
  members_.front().Kill();
  alerts_.Fire("b", Severity::kWarning);
  AwaitAll();
  alerts_.Resolve("a");
  AwaitAll();
  StartMember(members_.front());
  alerts_.Resolve("b");
  alerts_.Fire("c", Severity::kInfo);
  AwaitAll();
  LetItShow();
}

TEST_F(AlertmanagerDeliveryTest, AnAlertThatNoneCanTakeIsDeadAndTheOthersAreTold) {
  alerts_.Fire("bad", Severity::kWarning);
  alerts_.AddLabel("bad", "sup-plier", "x");
  alerts_.Fire("long", Severity::kWarning);
  alerts_.AddLabel("long", "text", std::string(100'000, 'x'));
  Start(1);
  alerts_.Fire("good", Severity::kWarning);
  EXPECT_TRUE(log_.Await({{"long", 2, true, "warning"}, {"good", 3, true, "warning"}}, kPatience))
      << log_.DebugString();
  const absl::Time deadline = absl::Now() + kPatience;
  while (Count(DeliveryState::kPending) > 0 && absl::Now() < deadline) {
    absl::SleepFor(kStep);
  }
  EXPECT_EQ(Count(DeliveryState::kDead), 1);
  EXPECT_EQ(Count(DeliveryState::kDelivered), 2);
}

// Nothing that still fires is said to have ended. What has ended is told in turns, as ended by those who know and as
// firing by the one that was cut off, until it can be told.
TEST_F(AlertmanagerDeliveryTest, OfThreeOneMayBeCutOffFromUsAndComeBack) {
  Start(3, Through::kProxy);
  alerts_.Fire("rises", Severity::kWarning);
  alerts_.Fire("ends", Severity::kWarning);
  alerts_.Fire("stays", Severity::kInfo);
  AwaitAll();
  LetItShow();
  proxy_->Set(TcpProxy::Fault::kHang);
  alerts_.Fire("rises", Severity::kCritical);
  alerts_.Resolve("ends");
  alerts_.Fire("begins", Severity::kWarning);
  AwaitAll();
  LetItShow();
  proxy_->Set(TcpProxy::Fault::kNone);
  ExpectAllDelivered(3);
  LetItShow();
  const size_t settled = log_.ToldOf({"ends"}).size();
  LetItShow();
  EXPECT_EQ(log_.ToldOf({"ends"}).size(), settled) << log_.DebugString();
  EXPECT_FALSE(log_.ToldOf({"ends"}).back().firing) << log_.DebugString();
  EXPECT_EQ(log_.ToldOf({"stays"}).size(), 1U) << log_.DebugString();
  EXPECT_EQ(log_.ToldOf({"begins"}).size(), 1U) << log_.DebugString();
  alerts_.Resolve("rises");
  AwaitAll();
  LetItShow();
}

}  // namespace
}  // namespace orewatch::testing
