#include "services/risk/history_metrics.h"

#include <algorithm>

namespace orewatch::risk {
namespace {

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

HistoryMetrics::HistoryMetrics(prometheus::Registry& registry)
    : leading_(Gauge(registry, "orewatch_risk_history_lease_held", "1 while this replica records the score history.")),
      revision_(Gauge(registry, "orewatch_risk_history_revision",
                      "Registry revision up to which the score history has been recorded.")),
      lag_(Gauge(registry, "orewatch_risk_history_revision_lag",
                 "Revisions that scores have been computed for and history has not recorded.")),
      failures_(prometheus::BuildCounter()
                    .Name("orewatch_risk_history_failures_total")
                    .Help("Attempts to record history, or to see how far it has been, that failed.")
                    .Register(registry)
                    .Add({})) {}

void HistoryMetrics::Show(const RecorderState& state, int64_t applied) {
  leading_.Set(state.leading ? 1 : 0);
  revision_.Set(static_cast<double>(state.position.revision));
  lag_.Set(static_cast<double>(std::max<int64_t>(0, applied - state.position.revision)));
  if (!state.status.ok()) {
    failures_.Increment();
  }
}

}  // namespace orewatch::risk
