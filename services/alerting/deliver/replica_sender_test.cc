#include "services/alerting/deliver/replica_sender.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"

namespace orewatch::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

// Takes everything, and holds what it is told to.
class TakingClient final : public http::Client {
 public:
  absl::StatusOr<http::Response> Send(const http::Request& request) override {
    if (request.method == "POST") {
      bodies.push_back(request.body);
    }
    return http::Response{.status = 200, .body = "[]"};
  }

  std::vector<std::string> bodies;
};

// Does not answer, and notes for how long it is waited for.
class SilentClient final : public http::Client {
 public:
  absl::StatusOr<http::Response> Send(const http::Request& request) override {
    timeouts.push_back(request.timeout);
    return answers ? absl::StatusOr<http::Response>(http::Response{.status = 200, .body = "[]"})
                   : absl::DeadlineExceededError("nobody answers");
  }

  bool answers = false;
  std::vector<absl::Duration> timeouts;
};

// Takes everything, and cannot say what it holds.
class ForgetfulClient final : public http::Client {
 public:
  absl::StatusOr<http::Response> Send(const http::Request& request) override {
    if (request.url.find("/-/ready") != std::string::npos || request.method == "POST") {
      return http::Response{.status = 200};
    }
    ++looked;
    return http::Response{.status = knows ? 200 : 503, .body = "[]"};
  }

  bool knows = false;
  int looked = 0;
};

std::shared_ptr<const FiringAlert> Firing(const std::string& id, int64_t sequence) {
  auto alert = std::make_shared<FiringAlert>();
  alert->alert_id = id;
  alert->labels = {{"alertname", "rule"}};
  alert->severity = Severity::kWarning;
  alert->fire_time = kNow;
  alert->sequence = sequence;
  return alert;
}

class ReplicaSenderTest : public ::testing::Test {
 protected:
  void Step(http::Client& http, absl::Time now) {
    if (sender_ == nullptr) {
      client_ = std::make_unique<AlertmanagerClient>(http);
      sender_ = std::make_unique<ReplicaSender>(
          Replica{}, policy_,
          ReplicaSender::Dependencies{.client = *client_, .sets = sets_, .random = random_, .metrics = metrics_});
    }
    sender_->Step(now, [] { return absl::Seconds(10); });
  }

  LabelSets sets_{LabelSets::Options()};
  std::mt19937_64 random_;
  prometheus::Registry registry_;
  DeliveryMetrics metrics_{registry_};
  SendPolicy policy_;
  std::unique_ptr<AlertmanagerClient> client_;
  std::unique_ptr<ReplicaSender> sender_;
};

TEST_F(ReplicaSenderTest, WhatIsNewDoesNotWaitForWhatIsRepeated) {
  TakingClient http;
  policy_.batch = 1;
  const auto old = Firing("old", 1);
  sets_.Update({old}, kNow);
  Step(http, kNow);
  http.bodies.clear();
  sets_.Update({old, Firing("new", 2)}, kNow + policy_.resend);
  Step(http, kNow + policy_.resend);
  ASSERT_THAT(http.bodies, SizeIs(::testing::Ge(2U)));
  EXPECT_THAT(http.bodies[0], HasSubstr("new"));
  EXPECT_THAT(http.bodies[1], HasSubstr("old"));
}

TEST_F(ReplicaSenderTest, OneThatDoesNotSayWhatItHoldsIsAskedAgainAndNotWithoutPause) {
  ForgetfulClient http;
  sets_.Update({Firing("a", 1)}, kNow);
  Step(http, kNow);
  EXPECT_EQ(http.looked, 1);
  absl::Time now = kNow;
  for (int step = 0; step < 100; ++step) {
    now += absl::Milliseconds(50);
    Step(http, now);
    EXPECT_GT(sender_->NextTime(now), now);
  }
  EXPECT_GT(http.looked, 1);
  EXPECT_LT(http.looked, 30);
  EXPECT_FALSE(sender_->reconciled());
  http.knows = true;
  now = sender_->NextTime(now);
  Step(http, now);
  EXPECT_TRUE(sender_->reconciled());
  EXPECT_THAT(sender_->error(), IsEmpty());
}

TEST_F(ReplicaSenderTest, OneThatDoesNotAnswerIsNotWaitedForTwice) {
  SilentClient http;
  sets_.Update({Firing("a", 1)}, kNow);
  Step(http, kNow);
  EXPECT_THAT(http.timeouts, ElementsAre(policy_.timeout));
  for (int minute = 1; minute <= 3; ++minute) {
    http.timeouts.clear();
    Step(http, kNow + absl::Minutes(minute));
    EXPECT_THAT(http.timeouts, ElementsAre(policy_.probe_timeout));
  }
  http.timeouts.clear();
  http.answers = true;
  Step(http, kNow + absl::Minutes(4));
  EXPECT_THAT(http.timeouts, ElementsAre(policy_.probe_timeout, policy_.timeout, policy_.timeout, policy_.timeout))
      << "asked, told, looked at, and told what it lacks";
  EXPECT_THAT(sender_->error(), IsEmpty());
}

}  // namespace
}  // namespace orewatch::alerting
