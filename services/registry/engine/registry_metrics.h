// orewatch_registry_*: what operators see of the registry.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/metrics/labelled.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "services/registry/engine/mutation.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Thread-safe. The registry of metrics outlives it.
class RegistryMetrics {
 public:
  // What came of a mutation.
  enum class Outcome { kCommitted, kConflict, kReplayed, kInvalid, kDenied, kUnavailable };

  explicit RegistryMetrics(prometheus::Registry& registry);

  // Of the write that failed.
  static Outcome OutcomeOf(const absl::Status& status);

  void CountMutation(Kind kind, Mutation::Operation operation, Outcome outcome);
  // All of one change set, which stands or falls as one.
  void CountMutations(const std::vector<Mutation>& mutations, Outcome outcome);
  // A change set that failed: all of it, and what that says of etags.
  void CountFailure(const std::vector<Mutation>& mutations, const absl::Status& status);
  void CountReplay() { replays_.Increment(); }
  void CountMismatch() { mismatches_.Increment(); }
  void CountRejectedToken(const absl::Status& status);
  void CountImportRows(int64_t accepted, int64_t rejected);
  void ObserveCommit(absl::Duration took) { commit_seconds_.Observe(absl::ToDoubleSeconds(took)); }
  void SetRevisions(int64_t head, int64_t compacted);
  void SetResources(const std::vector<EntryCount>& counts);

 private:
  using Counters = metrics::Labelled<prometheus::Counter>;
  struct Outcomes {
    // By number of the operation.
    std::vector<Counters> of_operation;
  };

  prometheus::Gauge& revision_;
  prometheus::Gauge& compacted_;
  const metrics::Labelled<prometheus::Gauge> active_;
  const metrics::Labelled<prometheus::Gauge> deleted_;
  // By place of the kind among the labels.
  std::vector<Outcomes> mutations_;
  prometheus::Counter& etag_conflicts_;
  prometheus::Counter& replays_;
  prometheus::Counter& mismatches_;
  const Counters rejected_tokens_;
  const Counters import_rows_;
  prometheus::Histogram& commit_seconds_;
};

}  // namespace orewatch::registry
