// Metrics as they are declared, a line each: one by itself, or a family with one for each value of a label.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/labels.h"
#include "prometheus/registry.h"

namespace orewatch::metrics {

// All of them are there from the start: a rate needs no guess, and nothing is made or looked up under a lock where
// something is counted. Thread-safe; the family outlives it.
template <typename Metric>
class Labelled {
 public:
  // Each value stands beside the labels `others`. What is none of the values counts as the last of them.
  template <typename... Arguments>
  Labelled(prometheus::Family<Metric>& family, const std::string& label, const std::vector<std::string>& values,
           const prometheus::Labels& others = {}, const Arguments&... arguments) {
    for (const std::string& value : values) {
      prometheus::Labels labels = others;
      labels[label] = value;
      metrics_.emplace_back(value, &family.Add(labels, arguments...));
    }
  }

  Metric& Of(absl::string_view value) const {
    for (const auto& [name, metric] : metrics_) {
      if (name == value) {
        return *metric;
      }
    }
    return *metrics_.back().second;
  }

 private:
  std::vector<std::pair<std::string, Metric*>> metrics_;
};

inline prometheus::Family<prometheus::Counter>& AddCounters(prometheus::Registry& registry, const std::string& name,
                                                            const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

inline prometheus::Family<prometheus::Gauge>& AddGauges(prometheus::Registry& registry, const std::string& name,
                                                        const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

inline prometheus::Counter& AddCounter(prometheus::Registry& registry, const std::string& name,
                                       const std::string& help) {
  return AddCounters(registry, name, help).Add({});
}

inline prometheus::Gauge& AddGauge(prometheus::Registry& registry, const std::string& name, const std::string& help) {
  return AddGauges(registry, name, help).Add({});
}

inline prometheus::Histogram& AddHistogram(prometheus::Registry& registry, const std::string& name,
                                           const std::string& help,
                                           const prometheus::Histogram::BucketBoundaries& buckets) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, buckets);
}

inline Labelled<prometheus::Counter> AddCounters(prometheus::Registry& registry, const std::string& name,
                                                 const std::string& help, const std::string& label,
                                                 const std::vector<std::string>& values) {
  return {AddCounters(registry, name, help), label, values};
}

inline Labelled<prometheus::Gauge> AddGauges(prometheus::Registry& registry, const std::string& name,
                                             const std::string& help, const std::string& label,
                                             const std::vector<std::string>& values) {
  return {AddGauges(registry, name, help), label, values};
}

}  // namespace orewatch::metrics
