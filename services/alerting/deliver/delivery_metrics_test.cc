#include "services/alerting/deliver/delivery_metrics.h"

#include "absl/status/status.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "common/testing/metric_value.h"
#include "gmock/gmock.h"
#include "prometheus/registry.h"
#include "services/alerting/deliver/outbox_watch.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::MetricValue;

const absl::Time kNow = absl::FromUnixSeconds(1700000000);

class DeliveryMetricsTest : public ::testing::Test {
 protected:
  double Requests(const std::string& outcome) {
    return MetricValue(registry_, "orewatch_alerting_alertmanager_requests_total", {{"outcome", outcome}});
  }
  double Pending(const std::string& target) {
    return MetricValue(registry_, "orewatch_alerting_outbox_pending", {{"target", target}});
  }
  double OldestPending(const std::string& target) {
    return MetricValue(registry_, "orewatch_alerting_outbox_oldest_pending_timestamp_seconds", {{"target", target}});
  }
  double Dead() { return MetricValue(registry_, "orewatch_alerting_dead_letters"); }

  prometheus::Registry registry_;
  DeliveryMetrics metrics_{registry_};
};

TEST_F(DeliveryMetricsTest, EverySeriesStandsAtNothingFromTheStart) {
  for (const char* outcome : {"accepted", "rejected", "http_error", "timeout", "connect_error"}) {
    EXPECT_EQ(Requests(outcome), 0) << outcome;
  }
  for (const char* kind : {"missing", "extra", "differs"}) {
    EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_reconcile_differences_total", {{"kind", kind}}), 0) << kind;
  }
  for (const char* target : {"alertmanager", "webhook"}) {
    EXPECT_EQ(Pending(target), 0) << target;
    EXPECT_EQ(OldestPending(target), 0) << target;
  }
  EXPECT_EQ(Dead(), 0);
  EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_unconfirmed"), 0);
}

TEST_F(DeliveryMetricsTest, RequestsAreToldApartByWhatTheyCameTo) {
  metrics_.CountRequest(absl::OkStatus());
  metrics_.CountRequest(MakeError(absl::StatusCode::kInvalidArgument, "ALERTMANAGER_REFUSED", "HTTP 400"));
  metrics_.CountRequest(MakeError(absl::StatusCode::kUnavailable, "ALERTMANAGER_REFUSED", "HTTP 503"));
  metrics_.CountRequest(MakeError(absl::StatusCode::kUnavailable, "NO_ANSWER", "refused"));
  metrics_.CountRequest(MakeError(absl::StatusCode::kDeadlineExceeded, "NO_ANSWER_IN_TIME", "slow"));
  metrics_.CountRequest(MakeError(absl::StatusCode::kCancelled, "CALL_CANCELLED", "we stop"));
  for (const char* outcome : {"accepted", "rejected", "http_error", "timeout", "connect_error"}) {
    EXPECT_EQ(Requests(outcome), 1) << outcome;
  }
}

TEST_F(DeliveryMetricsTest, TheOutboxIsShownByWhoSendsAndForgottenByWhoDoesNot) {
  FakeClock clock(kNow);
  const auto store = *SqliteAlertStore::Open(":memory:");
  const int64_t epoch = **store->TakeLease("test", absl::Minutes(5));
  Commit commit{.base = store->Load()->version};
  commit.deliveries = {
      {.sequence = 7, .target = kAlertmanagerTarget, .alert_id = "a", .create_time = kNow - absl::Minutes(1)},
      {.sequence = 8, .target = kAlertmanagerTarget, .alert_id = "b", .create_time = kNow},
      {.sequence = 8, .target = "hook", .alert_id = "b", .create_time = kNow}};
  ASSERT_THAT(store->Write(commit), IsOk());
  std::optional<Lease> lease = Lease{.epoch = epoch, .expires = absl::InfiniteFuture()};
  OutboxWatch watch({.store = *store, .clock = clock, .metrics = metrics_, .lease = [&] { return lease; }});
  ASSERT_THAT(watch.Step(), IsOk());
  EXPECT_EQ(Pending("alertmanager"), 2);
  EXPECT_EQ(OldestPending("alertmanager"), 1700000000 - 60);
  EXPECT_EQ(Pending("webhook"), 1);

  commit.deliveries[0].state = commit.deliveries[1].state = DeliveryState::kDelivered;
  commit.deliveries[2].state = DeliveryState::kDead;
  ASSERT_THAT(store->UpdateDeliveries(epoch, commit.deliveries), IsOk());
  clock.Advance(absl::Seconds(10));
  ASSERT_THAT(watch.Step(), IsOk());
  EXPECT_EQ(Pending("alertmanager"), 0);
  EXPECT_EQ(OldestPending("alertmanager"), 0);
  EXPECT_EQ(Pending("webhook"), 0);
  EXPECT_EQ(Dead(), 1);

  lease.reset();
  ASSERT_THAT(watch.Step(), IsOk());
  EXPECT_EQ(Dead(), 0) << "whoever has the lease shows it";
}

}  // namespace
}  // namespace orewatch::alerting
