// orewatch_dataset_* and orewatch_risk_missing_inputs: what scores are computed from, and what they lack.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "common/metrics/labelled.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "services/risk/dataset_ages.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {

// The family of a dataset: its id without the edition at its end. `usgs-mcs` of `usgs-mcs-2026`.
std::string DatasetFamilyOf(const std::string& dataset);
// The last moment of a date with the precision known (2024, 2024-07 or 2024-07-01). Infinite past: it is no date.
absl::Time EndOfDate(const std::string& date);

// Looks at a model as a whole, which takes its time. Thread-compatible; the registry outlives it.
class InputMetrics {
 public:
  // Further families stand together as `other`.
  static constexpr size_t kMostFamilies = 9;

  InputMetrics(prometheus::Registry& registry, DatasetAges ages);

  // Does nothing if it has seen the model's revision.
  void Show(const Model& model);

 private:
  struct Dataset {
    int64_t rows = 0;
    absl::Time newest = absl::InfinitePast();
  };
  struct Shown {
    prometheus::Gauge* rows;
    prometheus::Gauge* version;
    prometheus::Gauge* max_age;
  };
  const Shown& ShownAs(const std::string& family);
  void ShowDatasets(const Model& model);
  void ShowMissing(const Model& model);

  const DatasetAges ages_;
  prometheus::Family<prometheus::Gauge>& rows_;
  prometheus::Family<prometheus::Gauge>& versions_;
  prometheus::Family<prometheus::Gauge>& max_ages_;
  const metrics::Labelled<prometheus::Gauge> missing_;
  // By label. A family keeps the one that it got.
  std::map<std::string, Shown> shown_;
  int64_t seen_revision_ = -1;
};

}  // namespace orewatch::risk
