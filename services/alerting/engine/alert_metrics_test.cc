#include "services/alerting/engine/alert_metrics.h"

#include "absl/status/status.h"
#include "common/status/status.h"
#include "common/testing/metric_value.h"
#include "gmock/gmock.h"
#include "prometheus/registry.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::MetricValue;

class AlertMetricsTest : public ::testing::Test {
 protected:
  double Failures(const std::string& reason) {
    return MetricValue(registry_, "orewatch_alerting_evaluation_failures_total", {{"reason", reason}});
  }

  prometheus::Registry registry_;
  AlertMetrics metrics_{registry_};
};

TEST_F(AlertMetricsTest, EverySeriesStandsAtNothingFromTheStart) {
  for (const char* reason : {"lease_lost", "conflict", "storage_full", "storage", "other"}) {
    EXPECT_EQ(Failures(reason), 0) << reason;
  }
  for (const char* reason : {"snoozed", "acknowledged", "dependency", "new_subject", "flapping"}) {
    EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_suppressed_total", {{"reason", reason}}), 0) << reason;
  }
  for (const char* stage : {"detect", "dispatch", "confirm"}) {
    EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_notify_seconds", {{"stage", stage}}), 0) << stage;
  }
  for (const char* name : {"orewatch_alerting_flapping", "orewatch_alerting_missed_evaluations_total"}) {
    EXPECT_EQ(MetricValue(registry_, name), 0) << name;
  }
  EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_evaluation_interval_seconds"), 60);
}

TEST_F(AlertMetricsTest, FailuresAreToldApart) {
  metrics_.CountFailure(LeaseLost());
  metrics_.CountFailure(StaleState());
  metrics_.CountFailure(MakeError(absl::StatusCode::kUnavailable, "STORAGE_FULL", "no space"));
  metrics_.CountFailure(MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE", "busy"));
  metrics_.CountFailure(absl::DataLossError("corrupt"));
  metrics_.CountFailure(absl::InternalError("surprise"));
  EXPECT_EQ(Failures("lease_lost"), 1);
  EXPECT_EQ(Failures("conflict"), 1);
  EXPECT_EQ(Failures("storage_full"), 1);
  EXPECT_EQ(Failures("storage"), 2);
  EXPECT_EQ(Failures("other"), 1);
}

TEST_F(AlertMetricsTest, AnEntryCountsAsTransitionAndAsSuppressed) {
  TimelineEntry entry;
  entry.from = AlertState::kPending;
  entry.after.state = AlertState::kFiring;
  entry.after.flapping = true;
  metrics_.CountEntry(entry);
  EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_transitions_total", {{"from", "pending"}, {"to", "firing"}}), 1);
  EXPECT_EQ(MetricValue(registry_, "orewatch_alerting_suppressed_total", {{"reason", "flapping"}}), 1);
}

}  // namespace
}  // namespace orewatch::alerting
