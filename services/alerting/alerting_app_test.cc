// The service as a process would host it, after a risk service that the test plays.
#include "services/alerting/alerting_app.h"

#include <unistd.h>

#include <deque>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/notifier.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "prometheus/registry.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::orewatch::testing::TestServer;
using Message = risk::v1::WatchScoresResponse;

constexpr absl::Duration kPatience = absl::Seconds(20);

// Sends to each stream, from its beginning, what the test has told it.
class FakeRisk {
 public:
  FakeRisk()
      : service_(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("orewatch.risk.v1.Risk")) {
    service_.ServerStream<risk::v1::WatchScoresRequest, Message>(
        "WatchScores", [this](const rpc::CallContext&, const risk::v1::WatchScoresRequest&, rpc::Waker waker) {
          return absl::StatusOr<std::unique_ptr<rpc::StreamSource<Message>>>(
              std::make_unique<Source>(*this, std::move(waker)));
        });
    RefuseTheRest();
  }
  rpc::Service& service() { return service_; }
  // `scores` in text format, and the bookmark of the revision.
  void Send(const std::string& scores, int64_t revision, const std::string& lineage = "l") {
    auto message = ParseProto<Message>(scores);
    message.mutable_bookmark()->set_number(revision);
    message.mutable_bookmark()->set_lineage(lineage);
    {
      absl::MutexLock lock(&mutex_);
      sent_.push_back(std::move(message));
    }
    notifier_.NotifyAll();
  }

 private:
  class Source final : public rpc::StreamSource<Message> {
   public:
    Source(FakeRisk& risk, rpc::Waker waker) : risk_(risk), subscription_(risk.notifier_.Subscribe(std::move(waker))) {}
    absl::StatusOr<rpc::Poll> Next(Message& out) override {
      absl::MutexLock lock(&risk_.mutex_);
      if (next_ == risk_.sent_.size()) {
        return rpc::Poll::kWait;
      }
      out = risk_.sent_[next_++];
      return rpc::Poll::kMessage;
    }

   private:
    FakeRisk& risk_;
    const rpc::Notifier::Subscription subscription_;
    size_t next_ = 0;
  };
  void RefuseTheRest() {
    for (int i = 0; i < service_.descriptor()->method_count(); ++i) {
      const std::string method = service_.descriptor()->method(i)->name();
      if (service_.methods().count(method) == 0) {
        service_.UnaryOfAnyType(
            method, rpc::Runs::kInline, [](const rpc::CallContext&, const google::protobuf::Message&) {
              return absl::StatusOr<rpc::Service::MessagePtr>(absl::UnimplementedError("not played here"));
            });
      }
    }
  }

  rpc::Service service_;
  rpc::Notifier notifier_;
  absl::Mutex mutex_;
  std::deque<Message> sent_ ABSL_GUARDED_BY(mutex_);
};

std::string Hhi(const std::string& mineral, int value) {
  return absl::StrCat("scores { key { subject: 'minerals/", mineral,
                      "' stage: STAGE_MINE method: METHOD_HHI } value: ", value, " bounds { lower: ", value,
                      " upper: ", value, " } } ");
}

class AlertingAppTest : public ::testing::Test {
 protected:
  AlertingAppTest()
      : data_dir_((std::filesystem::path(::testing::TempDir()) / absl::StrCat("alerting-app-", getpid())).string()),
        risk_server_({&risk_.service()}) {
    std::filesystem::remove_all(data_dir_);
    Start();
  }
  ~AlertingAppTest() override {
    Stop();
    std::filesystem::remove_all(data_dir_);
  }
  void Start() {
    metrics_ = std::make_unique<prometheus::Registry>();
    auto app = AlertingApp::Create({.data_dir = data_dir_, .default_rules_file = "data/rules.textproto"},
                                   {.clock = clock_, .metrics = *metrics_});
    ASSERT_THAT(app, IsOk());
    app_ = *std::move(app);
    server_ = std::make_unique<TestServer>(std::vector<rpc::Service*>{&app_->service()});
    app_->Start(risk_server_.channel());
    stub_ = v1::Alerting::NewStub(server_->channel());
  }
  void Stop() {
    app_->Stop();
    server_.reset();
    app_.reset();
  }
  v1::ListAlertsResponse List(v1::AlertState state) {
    grpc::ClientContext context;
    v1::ListAlertsRequest request;
    request.set_state(state);
    request.set_rule("rules/concentration-critical");
    v1::ListAlertsResponse response;
    EXPECT_TRUE(stub_->ListAlerts(&context, request, &response).ok());
    return response;
  }
  // Until the scores of a revision have been evaluated.
  v1::ListAlertsResponse FiringAt(int64_t revision, const std::string& lineage = "l") {
    const absl::Time deadline = absl::Now() + kPatience;
    for (;;) {
      v1::ListAlertsResponse response = List(v1::ALERT_STATE_FIRING);
      if (response.revision().lineage() == lineage && response.revision().number() >= revision) {
        return response;
      }
      if (absl::Now() > deadline) {
        ADD_FAILURE() << "revision " << revision << " was not reached: " << response.DebugString();
        return response;
      }
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  const std::string data_dir_;
  SystemClock clock_;
  FakeRisk risk_;
  TestServer risk_server_;
  std::unique_ptr<prometheus::Registry> metrics_;
  std::unique_ptr<AlertingApp> app_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Alerting::Stub> stub_;
};

TEST_F(AlertingAppTest, AScoreBecomesAnAlertThatAWatcherSees) {
  grpc::ClientContext context;
  auto watcher = stub_->WatchAlerts(&context, v1::WatchAlertsRequest());
  risk_.Send(Hhi("cobalt", 9000), 1);
  v1::WatchAlertsResponse seen;
  do {
    ASSERT_TRUE(watcher->Read(&seen));
  } while (seen.alert().rule() != "rules/concentration-critical");
  EXPECT_EQ(seen.alert().subject().subject(), "minerals/cobalt");
  EXPECT_EQ(seen.event().to(), v1::ALERT_STATE_FIRING);
  context.TryCancel();
  EXPECT_EQ(FiringAt(1).alerts_size(), 1);
}

TEST_F(AlertingAppTest, ARestartKeepsAlertsAndCatchesUpWithARemoval) {
  risk_.Send(absl::StrCat(Hhi("cobalt", 9000), Hhi("tin", 9000)), 1);
  ASSERT_EQ(FiringAt(1).alerts_size(), 2);
  Stop();
  risk_.Send("removed { subject: 'minerals/tin' stage: STAGE_MINE method: METHOD_HHI }", 2);
  Start();
  const v1::ListAlertsResponse firing = FiringAt(2);
  ASSERT_EQ(firing.alerts_size(), 1);
  EXPECT_EQ(firing.alerts(0).subject().subject(), "minerals/cobalt");
  EXPECT_EQ(List(v1::ALERT_STATE_RESOLVED).alerts_size(), 1);
}

TEST_F(AlertingAppTest, ANewLineageIsLoadedFromTheBeginning) {
  risk_.Send(absl::StrCat(Hhi("cobalt", 9000), Hhi("tin", 9000)), 5);
  ASSERT_EQ(FiringAt(5).alerts_size(), 2);
  Stop();
  FakeRisk restored;
  TestServer restored_server({&restored.service()});
  restored.Send(Hhi("tin", 9500), 2, "restored");
  Start();
  app_->Stop();
  app_->Start(restored_server.channel());
  const v1::ListAlertsResponse firing = FiringAt(2, "restored");
  ASSERT_EQ(firing.alerts_size(), 1);
  EXPECT_EQ(firing.alerts(0).subject().subject(), "minerals/tin");
  app_->Stop();
}

TEST_F(AlertingAppTest, DeletedDefaultRulesStayDeletedAfterARestart) {
  grpc::ClientContext context;
  v1::DeleteRuleRequest request;
  request.set_name("rules/concentration-critical");
  google::protobuf::Empty empty;
  ASSERT_TRUE(stub_->DeleteRule(&context, request, &empty).ok());
  Stop();
  Start();
  grpc::ClientContext again;
  v1::ListRulesResponse rules;
  ASSERT_TRUE(stub_->ListRules(&again, v1::ListRulesRequest(), &rules).ok());
  EXPECT_GT(rules.rules_size(), 0);
  for (const v1::Rule& rule : rules.rules()) {
    EXPECT_NE(rule.name(), request.name());
  }
}

TEST_F(AlertingAppTest, AFolderThatIsOpenIsNobodyElses) {
  prometheus::Registry metrics;
  const AlertingConfig config = {.data_dir = data_dir_, .default_rules_file = ""};
  EXPECT_THAT(AlertingApp::Create(config, {.clock = clock_, .metrics = metrics}),
              HasError(absl::StatusCode::kFailedPrecondition, "STORAGE_IN_USE"));
}

TEST_F(AlertingAppTest, BadDefaultRulesStopTheStart) {
  prometheus::Registry metrics;
  EXPECT_THAT(
      AlertingApp::Create({.data_dir = "", .default_rules_file = "/nowhere"}, {.clock = clock_, .metrics = metrics}),
      HasError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND"));
}

}  // namespace
}  // namespace orewatch::alerting
