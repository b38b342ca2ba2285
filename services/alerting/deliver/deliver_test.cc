// The parts of delivery that need no server: payloads, label sets, signatures, what comes back.
#include <fstream>

#include "common/testing/matchers.h"
#include "common/testing/metric_value.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/alerting/deliver/alertmanager_hook.h"
#include "services/alerting/deliver/circuit_breaker.h"
#include "services/alerting/deliver/json_text.h"
#include "services/alerting/deliver/label_sets.h"
#include "services/alerting/deliver/notification.h"
#include "services/alerting/deliver/posted_alert.h"
#include "services/alerting/deliver/replicas.h"
#include "services/alerting/deliver/webhook.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::MetricValue;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1700000000);

PostedAlert Posted() {
  return {.labels = {{"alertname", "a"}}, .annotations = {}, .starts_at = kNow, .ends_at = kNow + absl::Minutes(1)};
}

TEST(PostedAlertTest, WhatAlertmanagerWouldRefuseIsRefusedHere) {
  EXPECT_THAT(Check(Posted()), IsOk());
  PostedAlert alert = Posted();
  alert.labels["sup-plier"] = "x";
  EXPECT_THAT(Check(alert), BlamesField("labels"));
  alert = Posted();
  alert.labels["1st"] = "x";
  EXPECT_THAT(Check(alert), BlamesField("labels"));
  alert = Posted();
  alert.labels["empty"] = "";
  EXPECT_THAT(Check(alert), BlamesField("labels"));
  alert = Posted();
  alert.annotations["summary"] = "\xff";
  EXPECT_THAT(Check(alert), BlamesField("annotations"));
  alert = Posted();
  alert.ends_at = kNow - absl::Seconds(1);
  EXPECT_THAT(Check(alert), BlamesField("ends_at"));
  alert.labels.clear();
  EXPECT_THAT(Check(alert), BlamesField("labels"));
}

TEST(PostedAlertTest, IsWrittenAsTheApiWantsIt) {
  const PostedAlert alert = Posted();
  const PostedAlert* pointer = &alert;
  EXPECT_EQ(ToJson({&pointer, 1}),
            R"([{"annotations":{},"endsAt":"2023-11-14T22:14:20.000000000Z","labels":{"alertname":"a"},)"
            R"("startsAt":"2023-11-14T22:13:20.000000000Z"}])");
}

TEST(PostedAlertTest, WhatIsNoPlainTextIsWrittenAsJsonHasIt) {
  PostedAlert alert = Posted();
  const std::string odd = "\"\\\n\x01\x7f é 日本";
  alert.labels["odd"] = odd;
  alert.annotations = {{"first", odd}, {"second", ""}};
  const PostedAlert* pointer = &alert;
  const nlohmann::json read = ParseJson(ToJson(std::vector{pointer, pointer}));
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[1]["labels"]["odd"], odd);
  EXPECT_EQ(read[1]["annotations"], (nlohmann::json{{"first", odd}, {"second", ""}}));
}

TEST(PostedAlertTest, ReadsWhatAlertmanagerHolds) {
  const auto held = ParseHeldAlerts(
      R"([{"labels":{"a":"b"},"annotations":{},"startsAt":"2023-11-14T22:13:20.5Z","endsAt":"2023-11-14T22:14:20Z",)"
      R"("status":{"state":"suppressed"}}])");
  ASSERT_THAT(held, IsOk());
  ASSERT_THAT(*held, SizeIs(1));
  EXPECT_TRUE((*held)[0].suppressed);
  EXPECT_EQ((*held)[0].starts_at, kNow + absl::Milliseconds(500));
  for (const char* bad : {"", "{}", "[1]", "[{}]", R"([{"labels":{"a":1}}])", "[[[["}) {
    EXPECT_THAT(ParseHeldAlerts(bad), BlamesField("body")) << bad;
  }
  EXPECT_THAT(ParseHeldAlerts(std::string(100000, '[')), BlamesField("body"));
}

TEST(PostedAlertTest, KeysTellSetsApart) {
  EXPECT_NE(LabelKey({{"a", "1,b=1:2"}}), LabelKey({{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(LabelKey({{"a", "1"}, {"b", "2"}}), LabelKey({{"b", "2"}, {"a", "1"}}));
}

FiringAlert Firing(Severity severity, int64_t sequence) {
  FiringAlert alert;
  alert.alert_id = "x";
  alert.labels = {{"alertname", "rule"}};
  alert.severity = severity;
  alert.fire_time = kNow;
  alert.sequence = sequence;
  return alert;
}

FiringSnapshot Shown(const FiringAlert& alert) { return {std::make_shared<FiringAlert>(alert)}; }

class LabelSetsTest : public ::testing::Test {
 protected:
  const LabelSet* Find(const std::string& severity) {
    for (const auto& [key, set] : sets_.sets()) {
      if (set.alert.labels.at("severity") == severity) {
        return &set;
      }
    }
    return nullptr;
  }
  LabelSets sets_{LabelSets::Options()};
};

TEST_F(LabelSetsTest, ARiseKeepsTheLowerSeverityUntilTheEnd) {
  sets_.Update(Shown(Firing(Severity::kWarning, 1)), kNow);
  sets_.Update(Shown(Firing(Severity::kCritical, 2)), kNow + absl::Minutes(1));
  ASSERT_THAT(sets_.sets(), SizeIs(2));
  EXPECT_TRUE(Find("warning")->firing);
  EXPECT_TRUE(Find("critical")->firing);
  EXPECT_FALSE(Find("warning")->current);
  FiringAlert ended = Firing(Severity::kCritical, 3);
  ended.resolve_time = kNow + absl::Minutes(2);
  sets_.Update(Shown(ended), kNow + absl::Minutes(3));
  EXPECT_FALSE(Find("warning")->firing);
  EXPECT_EQ(Find("warning")->alert.ends_at, kNow + absl::Minutes(2));
  EXPECT_EQ(Find("critical")->alert.ends_at, kNow + absl::Minutes(2));
  EXPECT_EQ(Find("critical")->alert.annotations.at("transition_seq"), "3");
}

TEST_F(LabelSetsTest, AFallEndsTheHigherSeverityAtOnceAndForGood) {
  sets_.Update(Shown(Firing(Severity::kCritical, 1)), kNow);
  const absl::Time fell = kNow + absl::Minutes(1);
  sets_.Update(Shown(Firing(Severity::kInfo, 2)), fell);
  EXPECT_FALSE(Find("critical")->firing);
  EXPECT_EQ(Find("critical")->alert.ends_at, fell);
  EXPECT_TRUE(Find("info")->firing);
  const uint64_t version = Find("critical")->version;
  sets_.Update(Shown(Firing(Severity::kInfo, 2)), fell + absl::Minutes(1));
  EXPECT_EQ(Find("critical")->version, version);
}

TEST_F(LabelSetsTest, WhatHasNotChangedStaysAsItIs) {
  const FiringSnapshot snapshot = Shown(Firing(Severity::kWarning, 1));
  sets_.Update(snapshot, kNow);
  const LabelSet before = *Find("warning");
  sets_.Update(snapshot, kNow + absl::Minutes(1));
  EXPECT_EQ(Find("warning")->version, before.version);
  EXPECT_TRUE(Find("warning")->firing);
  EXPECT_TRUE(sets_.IsFiring("x"));
  sets_.Update({}, kNow + absl::Minutes(2));
  EXPECT_FALSE(Find("warning")->firing);
  EXPECT_FALSE(sets_.IsFiring("x"));
}

TEST_F(LabelSetsTest, WhatIsGoneHasEndedAndANewEpisodeIsNoOldOne) {
  sets_.Update(Shown(Firing(Severity::kCritical, 1)), kNow);
  sets_.Update({}, kNow + absl::Minutes(1));
  EXPECT_FALSE(Find("critical")->firing);
  FiringAlert again = Firing(Severity::kWarning, 3);
  again.fire_time = kNow + absl::Minutes(5);
  sets_.Update(Shown(again), kNow + absl::Minutes(5));
  EXPECT_FALSE(Find("critical")->firing);
  EXPECT_TRUE(Find("warning")->firing);
}

TEST_F(LabelSetsTest, AfterARestartAlertmanagerTellsWhichSeveritiesThereWere) {
  sets_.Update(Shown(Firing(Severity::kCritical, 2)), kNow);
  HeldAlert held;
  held.labels = {{"alertname", "rule"}, {"alert_id", "x"}, {"severity", "warning"}, {"source", "orewatch"}};
  held.starts_at = kNow;
  sets_.Adopt(held, kNow);
  EXPECT_TRUE(Find("warning")->firing);
  sets_.Update(Shown(Firing(Severity::kCritical, 2)), kNow + absl::Minutes(1));
  EXPECT_TRUE(Find("warning")->firing);
  // Of an alert that nobody knows any more.
  held.labels["alert_id"] = "gone";
  sets_.Adopt(held, kNow);
  EXPECT_THAT(sets_.KeysOf("gone"), SizeIs(1));
  EXPECT_FALSE(sets_.sets().at(sets_.KeysOf("gone")[0]).firing);
  // Of somebody else.
  held.labels["source"] = "other";
  held.labels["alert_id"] = "other";
  sets_.Adopt(held, kNow);
  EXPECT_THAT(sets_.KeysOf("other"), IsEmpty());
}

TEST_F(LabelSetsTest, WhatCanNeverBeSentIsKnownAtOnce) {
  FiringAlert bad = Firing(Severity::kWarning, 1);
  bad.labels["sup-plier"] = "x";
  sets_.Update(Shown(bad), kNow);
  EXPECT_NE(Find("warning")->invalid, "");
}

// The vector of the reference libraries of Standard Webhooks.
TEST(WebhookTest, SignsAsTheStandardHasIt) {
  const auto secrets = ParseWebhookSecrets("f", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
  ASSERT_THAT(secrets, IsOk());
  const auto headers = SignedHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", absl::FromUnixSeconds(1614265330),
                                     R"({"test": 2432232314})", *secrets);
  EXPECT_THAT(headers, ElementsAre(std::pair("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
                                   std::pair("webhook-timestamp", "1614265330"),
                                   std::pair("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")));
}

TEST(WebhookTest, SecretsAreChecked) {
  EXPECT_THAT(
      ParseWebhookSecrets("f", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"),
      IsOk());
  for (const char* bad : {"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_!!!"}) {
    EXPECT_THAT(ParseWebhookSecrets("f", bad), BlamesField("f")) << bad;
  }
}

TEST(WebhookTest, EventsAreCloudEvents) {
  EXPECT_EQ(
      ToCloudEvent({.sequence = 7, .alert_id = "r-1", .kind = "fired", .time = kNow, .data = R"({"a":1})"}, "//o"),
      R"({"data":{"a":1},"datacontenttype":"application/json","id":"r-1/7","source":"//o","specversion":"1.0",)"
      R"("subject":"alerts/r-1","time":"2023-11-14T22:13:20.000000000Z",)"
      R"("type":"orewatch.alerting.v1.alert.fired"})");
}

TEST(CircuitBreakerTest, OpensAfterFailuresAndLetsOneTryAfterAPause) {
  std::mt19937_64 random(1);
  CircuitBreaker breaker({.failures = 2, .pause = {.first = absl::Seconds(10), .longest = absl::Seconds(40)}});
  breaker.Failed(kNow, random);
  EXPECT_TRUE(breaker.Allows(kNow));
  breaker.Failed(kNow, random);
  EXPECT_FALSE(breaker.Allows(kNow + absl::Seconds(4)));
  EXPECT_TRUE(breaker.Allows(kNow + absl::Seconds(10)));
  breaker.Failed(kNow, random);
  EXPECT_FALSE(breaker.Allows(kNow + absl::Seconds(9)));
  breaker.Succeeded();
  EXPECT_TRUE(breaker.Allows(kNow));
}

constexpr char kNotification[] =
    R"({"version":"4","groupKey":"g","receiver":"orewatch","alerts":[{"status":"firing","labels":{"severity":"info"},)"
    R"("annotations":{"alert_id":"a","transition_seq":"7"}},{"status":"resolved"}]})";

TEST(NotificationTest, IsReadAndAnythingElseRefused) {
  const auto notification = ParseNotification(kNotification);
  ASSERT_THAT(notification, IsOk());
  ASSERT_THAT(notification->alerts, SizeIs(2));
  EXPECT_TRUE(notification->alerts[0].firing);
  EXPECT_EQ(notification->alerts[0].sequence, 7);
  EXPECT_EQ(notification->alerts[0].severity, "info");
  EXPECT_EQ(notification->alerts[1].sequence, 0);
  EXPECT_THAT(ParseNotification(""), BlamesField("version"));
  EXPECT_THAT(ParseNotification(R"({"version":"3"})"), BlamesField("version"));
  EXPECT_THAT(ParseNotification(R"({"version":"4"})"), BlamesField("alerts"));
  EXPECT_THAT(ParseNotification(R"({"version":"4","alerts":[1]})"), BlamesField("alerts.status"));
}

TEST(AlertmanagerHookTest, RecordsWhatWasToldIfTheCallerKnowsTheSecret) {
  const testing::TempDir dir;
  std::ofstream(dir / "secret") << "s3cret\n";
  const FakeClock clock(kNow);
  prometheus::Registry registry;
  DeliveryMetrics metrics(registry);
  const auto store = *SqliteAlertStore::Open(":memory:");
  Commit commit{.base = store->Load()->version};
  commit.deliveries = {{.sequence = 7,
                        .target = kAlertmanagerTarget,
                        .alert_id = "a",
                        .state = DeliveryState::kDelivered,
                        .delivered_time = kNow - absl::Seconds(40)}};
  ASSERT_THAT(store->Write(commit), IsOk());
  AlertmanagerHook hook(dir / "secret", {.store = *store, .clock = clock, .metrics = metrics});
  EXPECT_EQ(hook.Handle("", kNotification), 401);
  EXPECT_EQ(hook.Handle("Bearer wrong", kNotification), 401);
  EXPECT_EQ(hook.Handle("Bearer s3cret", "nonsense"), 400);
  EXPECT_EQ(*store->CountDeliveries(kAlertmanagerTarget, DeliveryState::kNotified), 0);
  EXPECT_EQ(hook.Handle("Bearer s3cret", kNotification), 200);
  EXPECT_EQ(*store->CountDeliveries(kAlertmanagerTarget, DeliveryState::kNotified), 1);
  EXPECT_EQ(hook.Handle("Bearer s3cret", kNotification), 200);
  EXPECT_EQ(MetricValue(registry, "orewatch_alerting_notify_seconds", {{"stage", "confirm"}}), 1)
      << "a repetition confirms nothing";
}

class FakeResolver final : public Resolver {
 public:
  absl::StatusOr<std::vector<std::string>> Resolve(const std::string&) override { return addresses; }
  absl::StatusOr<std::vector<std::string>> addresses = std::vector<std::string>{"10.0.0.2", "10.0.0.1"};
};

TEST(ReplicaFinderTest, EachAddressIsAReplicaAndAFailedLookUpForgetsNone) {
  FakeResolver resolver;
  ReplicaFinder finder({"http://am/", "https://other:9093/x"}, resolver);
  const auto found = finder.Find();
  ASSERT_THAT(found, SizeIs(4));
  EXPECT_EQ(found[0], (Replica{.name = "10.0.0.1:80", .base_url = "http://am"}));
  EXPECT_EQ(found[1], (Replica{.name = "10.0.0.1:9093", .base_url = "https://other:9093/x"}));
  resolver.addresses = absl::UnavailableError("no DNS");
  EXPECT_EQ(finder.Find(), found);
  resolver.addresses = std::vector<std::string>{"10.0.0.3"};
  EXPECT_THAT(finder.Find(), SizeIs(2));
}

}  // namespace
}  // namespace orewatch::alerting
