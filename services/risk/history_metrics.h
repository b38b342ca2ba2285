// orewatch_risk_history_*: what operators see of the score history.
#pragma once

#include <cstdint>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "services/risk/engine/history_recorder.h"

namespace orewatch::risk {

// Thread-safe. The registry outlives it. All is 0 where no history is kept.
class HistoryMetrics {
 public:
  explicit HistoryMetrics(prometheus::Registry& registry);

  // `applied` is the newest revision that scores have been computed for.
  void Show(const RecorderState& state, int64_t applied);

 private:
  prometheus::Gauge& leading_;
  prometheus::Gauge& revision_;
  prometheus::Gauge& lag_;
  prometheus::Counter& failures_;
};

}  // namespace orewatch::risk
