#include "services/risk/risk_metrics.h"

#include <cmath>

#include "common/testing/metric_value.h"
#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::MetricValue;

class RiskMetricsTest : public ::testing::Test {
 protected:
  // Of the same output each: the more there are, the lower the concentration.
  void Publish(const std::vector<std::string>& countries) {
    Changes changes;
    for (const std::string& country : countries) {
      Figure figure;
      figure.amount = 10;
      changes.production[{{"minerals/cobalt", 1}, {"usgs-mcs-2026", "", 2, "", 2024, country}}] = figure;
    }
    model_ = model_->Apply(changes, model_->revision() + 1);
    metrics_.Publish(*model_, Publication{.loaded = model_->revision() == 1, .took = absl::Seconds(1)},
                     model_->revision(), absl::UnixEpoch());
  }
  double AllBandChanges() {
    double sum = 0;
    for (const auto& family : registry_.Collect()) {
      for (const auto& metric : family.metric) {
        sum += family.name == "orewatch_risk_band_changes_total" ? metric.counter.value : 0;
      }
    }
    return sum;
  }

  prometheus::Registry registry_;
  RiskMetrics metrics_{registry_, Parameters()};
  std::shared_ptr<const Model> model_ = std::make_shared<const Model>(Parameters());
};

TEST_F(RiskMetricsTest, ABandChangeIsOneOfWhatWasThereBefore) {
  Publish({"AU"});
  EXPECT_EQ(AllBandChanges(), 0) << "what is new has changed no band";
  const double severe = MetricValue(registry_, "orewatch_risk_subjects", {{"band", "severe"}});
  EXPECT_GT(severe, 0);
  Publish({"AU"});
  EXPECT_EQ(AllBandChanges(), 0);
  Publish({"AU", "CN", "US"});
  EXPECT_GT(AllBandChanges(), 0);
  EXPECT_TRUE(
      std::isnan(MetricValue(registry_, "orewatch_risk_band_changes_total", {{"from", "severe"}, {"to", "severe"}})));
}

TEST_F(RiskMetricsTest, SaysWhatItComputesWithAndHowOldItWas) {
  EXPECT_EQ(
      MetricValue(registry_, "orewatch_risk_parameters_info", {{"parameter_set", "default"}, {"hash", "default"}}), 1);
  EXPECT_EQ(MetricValue(registry_, "orewatch_risk_score_age_seconds"), 0);
  metrics_.ObserveAge(absl::Seconds(3));
  EXPECT_EQ(MetricValue(registry_, "orewatch_risk_score_age_seconds"), 1);
}

}  // namespace
}  // namespace orewatch::risk
