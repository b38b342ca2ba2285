#include "services/alerting/deliver/webhook_sender.h"

#include <deque>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Answers 200 unless it is told otherwise.
class FakeServer final : public http::Client {
 public:
  absl::StatusOr<http::Response> Send(const http::Request& request) override {
    timeouts.push_back(request.timeout);
    ids.push_back(request.headers.at(0).second);
    if (answers.empty()) {
      return http::Response{.status = status};
    }
    auto answer = answers.front();
    answers.pop_front();
    return answer;
  }
  int status = 200;
  std::deque<absl::StatusOr<http::Response>> answers;
  std::vector<std::string> ids;
  std::vector<absl::Duration> timeouts;
};

class FakeEvents final : public AlertEvents {
 public:
  absl::StatusOr<std::optional<AlertEvent>> Find(int64_t sequence, const std::string&) override {
    if (sequence == hidden) {
      return std::nullopt;
    }
    return AlertEvent{.sequence = sequence, .alert_id = "a", .kind = "fired", .time = absl::UnixEpoch(), .data = "{}"};
  }
  int64_t hidden = 0;
};

class WebhookSenderTest : public ::testing::Test {
 protected:
  WebhookSenderTest() : store_(*SqliteAlertStore::Open(":memory:")) {
    std::ofstream(dir_ / "secret") << "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    sender_ = std::make_unique<WebhookSender>(
        WebhookEndpoint{.name = "hook", .url = "http://hook", .secret_file = dir_ / "secret"}, WebhookSender::Options(),
        WebhookSender::Dependencies{.events = events_,
                                    .store = *store_,
                                    .clock = clock_,
                                    .client = server_,
                                    .metrics = metrics_,
                                    .lease = [this] { return lease_; }});
  }
  void Add(int64_t sequence, const std::string& alert = "a") {
    Commit commit{.base = store_->Load()->version};
    commit.deliveries = {{.sequence = sequence,
                          .target = "hook",
                          .alert_id = alert,
                          .create_time = clock_.Now(),
                          .next_attempt = clock_.Now()}};
    ASSERT_THAT(store_->Write(commit), IsOk());
  }
  Delivery Get(int64_t sequence) {
    const auto all = store_->ListDeliveries({.limit = 100});
    for (const Delivery& delivery : *all) {
      if (delivery.sequence == sequence) {
        return delivery;
      }
    }
    return {};
  }
  // Steps every few seconds of fake time.
  void RunFor(absl::Duration duration) {
    for (absl::Duration passed; passed < duration; passed += absl::Seconds(10)) {
      ASSERT_THAT(sender_->Step(), IsOk());
      clock_.Advance(absl::Seconds(10));
    }
  }

  const testing::TempDir dir_;
  FakeClock clock_{absl::FromUnixSeconds(1700000000)};
  std::unique_ptr<SqliteAlertStore> store_;
  FakeServer server_;
  FakeEvents events_;
  prometheus::Registry registry_;
  DeliveryMetrics metrics_{registry_};
  std::optional<Lease> lease_ = Lease{.epoch = *store_->TakeLease("test", absl::Minutes(1)).value()};
  std::unique_ptr<WebhookSender> sender_;
};

TEST_F(WebhookSenderTest, SendsEachChangeOnceInOrder) {
  Add(1);
  Add(2);
  Add(3, "b");
  ASSERT_THAT(sender_->Step(), IsOk());
  EXPECT_THAT(server_.ids, ElementsAre("a_1", "a_3", "a_2"));
  EXPECT_EQ(Get(2).state, DeliveryState::kDelivered);
  ASSERT_THAT(sender_->Step(), IsOk());
  EXPECT_EQ(server_.ids.size(), 3U);
}

TEST_F(WebhookSenderTest, AFailedChangeHoldsBackTheNextOfItsAlertUntilItArrives) {
  Add(1);
  Add(2);
  server_.answers = {absl::UnavailableError("refused"), http::Response{.status = 503}};
  ASSERT_THAT(sender_->Step(), IsOk());
  EXPECT_THAT(server_.ids, ElementsAre("a_1"));
  EXPECT_EQ(Get(1).attempts, 1);
  RunFor(absl::Minutes(5));
  EXPECT_THAT(server_.ids, ElementsAre("a_1", "a_1", "a_1", "a_2"));
  EXPECT_EQ(Get(1).state, DeliveryState::kDelivered);
}

TEST_F(WebhookSenderTest, WaitsAsLongAsTheServerAsks) {
  Add(1);
  server_.answers = {http::Response{.status = 429, .body = "", .retry_after = absl::Minutes(10)}};
  RunFor(absl::Minutes(9));
  EXPECT_EQ(server_.ids.size(), 1U);
  RunFor(absl::Minutes(2));
  EXPECT_EQ(Get(1).state, DeliveryState::kDelivered);
}

TEST_F(WebhookSenderTest, AnOutageOfADayIsSurvivedWithFewCalls) {
  Add(1);
  Add(2);
  server_.status = 500;
  RunFor(absl::Hours(24));
  EXPECT_TRUE(Get(1).state == DeliveryState::kPending);
  EXPECT_LT(server_.ids.size(), 100U);
  server_.status = 200;
  RunFor(absl::Hours(2));
  EXPECT_EQ(Get(1).state, DeliveryState::kDelivered);
  EXPECT_EQ(Get(2).state, DeliveryState::kDelivered);
}

TEST_F(WebhookSenderTest, AfterThreeDaysAChangeIsDeadAndMayBeReplayed) {
  Add(1);
  server_.status = 500;
  RunFor(absl::Hours(76));
  EXPECT_EQ(Get(1).state, DeliveryState::kDead);
  EXPECT_EQ(Get(1).last_error, "HTTP 500");
  server_.answers = {http::Response{.status = 500}};
  server_.status = 200;
  ASSERT_THAT(store_->ReplayDelivery(1, "hook", clock_.Now()), IsOk());
  RunFor(absl::Minutes(20));
  EXPECT_EQ(Get(1).state, DeliveryState::kDelivered) << "a replayed one has more than one attempt";
  server_.status = 500;
  ASSERT_THAT(store_->ReplayDelivery(1, "hook", clock_.Now()), IsOk());
  RunFor(absl::Hours(12));
  EXPECT_EQ(Get(1).state, DeliveryState::kDead);
}

TEST_F(WebhookSenderTest, GoneIsForEver) {
  Add(1);
  server_.answers = {http::Response{.status = 410}};
  ASSERT_THAT(sender_->Step(), IsOk());
  EXPECT_EQ(Get(1).state, DeliveryState::kDead);
}

TEST_F(WebhookSenderTest, ManyFailuresOpenTheCircuit) {
  server_.status = 500;
  for (int64_t sequence = 1; sequence <= 50; ++sequence) {
    Add(sequence, absl::StrCat("alert", sequence));
  }
  ASSERT_THAT(sender_->Step(), IsOk());
  EXPECT_EQ(server_.ids.size(), 5U);
  EXPECT_TRUE(sender_->circuit_open());
  server_.status = 200;
  RunFor(absl::Minutes(2));
  EXPECT_FALSE(sender_->circuit_open());
  EXPECT_EQ(*store_->CountDeliveries("hook", DeliveryState::kDelivered), 50);
}

TEST_F(WebhookSenderTest, NothingIsSentWithoutTheLeaseOrBeyondItsEnd) {
  Add(1);
  const int64_t epoch = std::exchange(lease_, std::nullopt)->epoch;
  ASSERT_THAT(sender_->Step(), IsOk());
  EXPECT_THAT(server_.ids, IsEmpty());
  lease_ = Lease{.epoch = epoch, .expires = clock_.Now() + absl::Seconds(5)};
  ASSERT_THAT(sender_->Step(), IsOk());
  EXPECT_THAT(server_.timeouts, ElementsAre(absl::Seconds(4)));
  Add(2);
  lease_->expires = clock_.Now() + absl::Seconds(1);
  ASSERT_THAT(sender_->Step(), IsOk());
  EXPECT_EQ(server_.ids.size(), 1U);
}

TEST_F(WebhookSenderTest, WhatItsPrincipalMayNotSeeIsNotSent) {
  Add(1);
  events_.hidden = 1;
  ASSERT_THAT(sender_->Step(), IsOk());
  EXPECT_THAT(server_.ids, IsEmpty());
  EXPECT_EQ(Get(1).state, DeliveryState::kDead);
}

}  // namespace
}  // namespace orewatch::alerting
