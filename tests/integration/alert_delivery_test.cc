// From a score to a signed event at a webhook, and through a real Alertmanager back to us.
#include <httplib.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/alerting/deliver/describe.h"
#include "services/alerting/deliver/dispatcher.h"
#include "services/alerting/deliver/json_text.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"
#include "tests/testing/alertmanager_process.h"
#include "tests/testing/webhook_server.h"

namespace orewatch::testing {
namespace {

using alerting::AlertEngine;
using alerting::DeliveryState;

constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

class AlertDeliveryTest : public ::testing::Test {
 protected:
  AlertDeliveryTest() : store_(*alerting::SqliteAlertStore::Open(":memory:")) {
    std::ofstream(dir_ / "bearer") << "secret\n";
    std::ofstream(dir_ / "whsec") << kSecret;
    const int hook_port = FreePort();
    alertmanager_ = std::make_unique<AlertmanagerProcess>(
        AlertmanagerProcess::Config(absl::StrCat("http://127.0.0.1:", hook_port, "/hooks/alertmanager")));
    alertmanager_->Start();
    alerting::DeliveryConfig config;
    config.alertmanagers = {alertmanager_->url()};
    config.hook_address = absl::StrCat("127.0.0.1:", hook_port);
    config.hook_secret_file = dir_ / "bearer";
    config.webhooks = {{.name = "pager", .url = webhook_.url(), .secret_file = dir_ / "whsec"}};
    engine_ = *AlertEngine::Open(
        {.store = *store_, .clock = clock_, .metrics = metrics_, .targets = alerting::TargetsOf(config)});
    alerts_ = std::make_unique<alerting::EngineAlerts>(*engine_);
    dispatcher_ = *alerting::Dispatcher::Create(
        config, {.alerts = *alerts_,
                 .events = *alerts_,
                 .store = *store_,
                 .clock = clock_,
                 .metrics = delivery_metrics_,
                 .lease = [this] { return alerting::Lease{.epoch = engine_->lease()->epoch}; }});
    dispatcher_->Start();
  }
  void Score(double value) {
    alerting::ScoreValue score;
    score.key = {.subject = "minerals/cobalt", .stage = 3, .importer = "", .method = 1};
    score.value = value;
    alerting::ScoreBatch batch;
    batch.revision.lineage = "l";
    batch.revision.number = ++revision_;
    batch.scores = {score};
    ASSERT_THAT(engine_->ApplyScores(batch), IsOk());
    dispatcher_->Wake();
  }
  bool AwaitState(const std::string& target, DeliveryState state, int64_t count) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (*store_->CountDeliveries(target, state) < count) {
      if (absl::Now() > deadline) {
        return false;
      }
      absl::SleepFor(absl::Milliseconds(10));
    }
    return true;
  }

  const TempDir dir_;
  SystemClock clock_;
  prometheus::Registry registry_;
  alerting::AlertMetrics metrics_{registry_};
  alerting::DeliveryMetrics delivery_metrics_{registry_};
  WebhookServer webhook_;
  std::unique_ptr<alerting::SqliteAlertStore> store_;
  std::unique_ptr<AlertmanagerProcess> alertmanager_;
  std::unique_ptr<AlertEngine> engine_;
  std::unique_ptr<alerting::EngineAlerts> alerts_;
  std::unique_ptr<alerting::Dispatcher> dispatcher_;
  int64_t revision_ = 0;
};

TEST_F(AlertDeliveryTest, EachChangeIsTakenToldAndRecorded) {
  alerting::Rule rule;
  rule.id = "concentrated";
  rule.target.method = 1;
  rule.condition = alerting::Threshold{.raise = 5000, .clear = 4500};
  rule.severity = alerting::Severity::kCritical;
  ASSERT_THAT(engine_->CreateRule(rule, std::nullopt, false), IsOk());
  Score(9000);
  EXPECT_TRUE(AwaitState(alerting::kAlertmanagerTarget, DeliveryState::kNotified, 1));
  Score(100);
  EXPECT_TRUE(AwaitState(alerting::kAlertmanagerTarget, DeliveryState::kNotified, 2));
  EXPECT_TRUE(AwaitState("pager", DeliveryState::kDelivered, 2));

  const auto requests = webhook_.Await(2, kPatience);
  ASSERT_EQ(requests.size(), 2U);
  const auto& fired = requests[0];
  EXPECT_EQ(fired.get_header_value("Content-Type"), "application/cloudevents+json; charset=utf-8");
  const auto event = alerting::ParseJson(fired.body);
  SCOPED_TRACE(event.dump());
  EXPECT_EQ(event["type"], "orewatch.alerting.v1.alert.fired");
  EXPECT_EQ(event["data"]["alert"]["subject"]["subject"], "minerals/cobalt");
  EXPECT_EQ(event["data"]["event"]["to"], "ALERT_STATE_FIRING");
  const absl::Time signed_at = absl::FromUnixSeconds(std::stoll(fired.get_header_value("webhook-timestamp")));
  const auto secrets = *alerting::ParseWebhookSecrets("f", kSecret);
  EXPECT_EQ(fired.get_header_value("webhook-signature"),
            alerting::SignedHeaders(fired.get_header_value("webhook-id"), signed_at, fired.body, secrets)[2].second);
  EXPECT_EQ(alerting::ParseJson(requests[1].body)["type"], "orewatch.alerting.v1.alert.resolved");
}

}  // namespace
}  // namespace orewatch::testing
