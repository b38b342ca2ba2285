#include "services/alerting/deliver/replica_sender.h"

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"

namespace orewatch::alerting {
namespace {

using ::testing::HasSubstr;
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

std::shared_ptr<const FiringAlert> Firing(const std::string& id, int64_t sequence) {
  auto alert = std::make_shared<FiringAlert>();
  alert->alert_id = id;
  alert->labels = {{"alertname", "rule"}};
  alert->severity = Severity::kWarning;
  alert->fire_time = kNow;
  alert->sequence = sequence;
  return alert;
}

TEST(ReplicaSenderTest, WhatIsNewDoesNotWaitForWhatIsRepeated) {
  TakingClient http;
  AlertmanagerClient client(http);
  LabelSets sets{LabelSets::Options()};
  std::mt19937_64 random;
  prometheus::Registry registry;
  DeliveryMetrics metrics(registry);
  SendPolicy policy;
  policy.batch = 1;
  ReplicaSender sender(Replica{}, policy, {.client = client, .sets = sets, .random = random, .metrics = metrics});
  const auto time_left = [] { return absl::Seconds(10); };
  const auto old = Firing("old", 1);
  sets.Update({old}, kNow);
  sender.Step(kNow, time_left);
  http.bodies.clear();
  sets.Update({old, Firing("new", 2)}, kNow + policy.resend);
  sender.Step(kNow + policy.resend, time_left);
  ASSERT_THAT(http.bodies, SizeIs(::testing::Ge(2U)));
  EXPECT_THAT(http.bodies[0], HasSubstr("new"));
  EXPECT_THAT(http.bodies[1], HasSubstr("old"));
}

}  // namespace
}  // namespace orewatch::alerting
