#include "services/risk/input_metrics.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/testing/metric_value.h"
#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::MetricValue;

double UnixEndOf(int year) {
  return absl::ToDoubleSeconds(absl::FromCivil(absl::CivilYear(year) + 1, absl::UTCTimeZone()) - absl::Seconds(1) -
                               absl::UnixEpoch());
}

class InputMetricsTest : public ::testing::Test {
 protected:
  static void Produce(Changes& changes, const std::string& dataset, const std::string& country,
                      const std::string& as_of, std::optional<double> amount = 10) {
    Figure figure;
    figure.amount = amount;
    figure.withheld = !amount.has_value();
    figure.provenance.as_of = as_of;
    changes.production[{{"minerals/cobalt", 1}, {dataset, "", 2, "", 2024, country}}] = figure;
  }
  void Apply(const Changes& changes) {
    model_ = model_->Apply(changes, model_->revision() + 1);
    metrics_.Show(*model_);
  }
  double Dataset(const std::string& what, const std::string& dataset) {
    return MetricValue(registry_, absl::StrCat("orewatch_dataset_", what), {{"dataset", dataset}});
  }
  double Missing(const std::string& reason) {
    return MetricValue(registry_, "orewatch_risk_missing_inputs", {{"reason", reason}});
  }

  prometheus::Registry registry_;
  InputMetrics metrics_{registry_, {{"usgs-mcs", absl::Hours(1)}, {"*", absl::Hours(2)}}};
  std::shared_ptr<const Model> model_ = std::make_shared<const Model>(Parameters());
};

TEST_F(InputMetricsTest, EditionsOfAFamilyStandTogetherAsTheNewest) {
  EXPECT_EQ(Dataset("rows", "other"), 0);
  EXPECT_EQ(Dataset("max_age_seconds", "other"), 0);
  Changes changes;
  Produce(changes, "usgs-mcs-2025", "AU", "2025");
  Produce(changes, "usgs-mcs-2026", "AU", "2026-01");
  Produce(changes, "usgs-mcs-2026", "CN", "not a date");
  Produce(changes, "iea-2024", "CN", "2024");
  Apply(changes);
  EXPECT_EQ(Dataset("rows", "usgs-mcs"), 3);
  EXPECT_EQ(Dataset("version_timestamp_seconds", "usgs-mcs"),
            absl::ToUnixSeconds(absl::FromCivil(absl::CivilMonth(2026, 2), absl::UTCTimeZone())) - 1);
  EXPECT_EQ(Dataset("max_age_seconds", "usgs-mcs"), 3600);
  EXPECT_EQ(Dataset("rows", "iea"), 1);
  EXPECT_EQ(Dataset("version_timestamp_seconds", "iea"), UnixEndOf(2024));
  EXPECT_EQ(Dataset("max_age_seconds", "iea"), 7200);
}

TEST_F(InputMetricsTest, WhatIsGoneGoesBackToNothing) {
  Changes changes;
  Produce(changes, "iea-2024", "CN", "2024");
  Apply(changes);
  Changes gone;
  gone.production[{{"minerals/cobalt", 1}, {"iea-2024", "", 2, "", 2024, "CN"}}] = std::nullopt;
  Apply(gone);
  EXPECT_EQ(Dataset("rows", "iea"), 0);
  EXPECT_EQ(Dataset("version_timestamp_seconds", "iea"), 0);
}

TEST_F(InputMetricsTest, NoMoreThanTenLabelsHoweverManyDatasets) {
  Changes changes;
  for (int i = 0; i < 40; ++i) {
    Produce(changes, absl::StrCat("set", i, "-of-somebody"), "CN", "2024");
  }
  Apply(changes);
  int labels = 0;
  double rows = 0;
  for (const auto& family : registry_.Collect()) {
    for (const auto& metric : family.metric) {
      labels += family.name == "orewatch_dataset_rows" ? 1 : 0;
      rows += family.name == "orewatch_dataset_rows" ? metric.gauge.value : 0;
    }
  }
  EXPECT_EQ(labels, 10);
  EXPECT_EQ(rows, 40);
}

TEST_F(InputMetricsTest, AScoreCountsOnceForEachKindOfThingThatItLacks) {
  Changes changes;
  Produce(changes, "usgs-mcs-2026", "AU", "2026");
  Produce(changes, "usgs-mcs-2026", "US", "2026", std::nullopt);
  Produce(changes, "usgs-mcs-2026", "CA", "2026", std::nullopt);
  Apply(changes);
  const auto scores = static_cast<double>(model_->scores().size());
  EXPECT_GT(Missing("withheld"), 0);
  EXPECT_LE(Missing("withheld"), scores);
  EXPECT_EQ(Missing("owners"), 0);
  Changes known;
  Produce(known, "usgs-mcs-2026", "US", "2026");
  Produce(known, "usgs-mcs-2026", "CA", "2026");
  Apply(known);
  EXPECT_EQ(Missing("withheld"), 0);
}

TEST(DatasetFamilyTest, IsTheIdWithoutItsEdition) {
  EXPECT_EQ(DatasetFamilyOf("usgs-mcs-2026"), "usgs-mcs");
  EXPECT_EQ(DatasetFamilyOf("wgi-2024-09"), "wgi");
  EXPECT_EQ(DatasetFamilyOf("cepii-baci-hs17-2024"), "cepii-baci-hs17");
  EXPECT_EQ(DatasetFamilyOf("plain"), "plain");
  EXPECT_EQ(DatasetFamilyOf("2026"), "2026");
  EXPECT_EQ(DatasetFamilyOf(""), "");
  EXPECT_EQ(DatasetFamilyOf("ends-"), "ends-");
}

TEST(EndOfDateTest, IsTheLastMomentOfWhatIsKnown) {
  const auto at = [](absl::CivilSecond second) { return absl::FromCivil(second, absl::UTCTimeZone()); };
  EXPECT_EQ(EndOfDate("2024"), at(absl::CivilSecond(2024, 12, 31, 23, 59, 59)));
  EXPECT_EQ(EndOfDate("2024-02"), at(absl::CivilSecond(2024, 2, 29, 23, 59, 59)));
  EXPECT_EQ(EndOfDate("2024-07-01"), at(absl::CivilSecond(2024, 7, 1, 23, 59, 59)));
  for (const char* none : {"", "soon", "2024-", "2024-01-01-01"}) {
    EXPECT_EQ(EndOfDate(none), absl::InfinitePast()) << none;
  }
}

}  // namespace
}  // namespace orewatch::risk
