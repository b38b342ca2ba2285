// What a metric stands at.
#pragma once

#include <limits>
#include <map>
#include <string>

#include "prometheus/registry.h"

namespace orewatch::testing {

// A counter's or gauge's value, a histogram's count of observations. Not a number: there is none of that name with
// exactly these labels.
inline double MetricValue(const prometheus::Collectable& metrics, const std::string& name,
                          const std::map<std::string, std::string>& labels = {}) {
  for (const prometheus::MetricFamily& family : metrics.Collect()) {
    for (const prometheus::ClientMetric& metric : family.metric) {
      std::map<std::string, std::string> has;
      for (const auto& label : metric.label) {
        has[label.name] = label.value;
      }
      if (family.name != name || has != labels) {
        continue;
      }
      switch (family.type) {
        case prometheus::MetricType::Counter:
          return metric.counter.value;
        case prometheus::MetricType::Histogram:
          return static_cast<double>(metric.histogram.sample_count);
        default:
          return metric.gauge.value;
      }
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace orewatch::testing
