// Where a rehearsal has what happened from.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/caller.h"
#include "services/alerting/domain/past_facts.h"
#include "services/alerting/domain/past_scores.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

struct PastQuestion {
  const Rule& rule;
  // Nothing that was committed then or later is needed.
  absl::Time end;
  // Who asks: what he may not read is left out.
  rpc::Caller caller;
  absl::Time deadline;
  // Nobody waits for the answer any more.
  std::function<bool()> cancelled;
};

// Thread-safe. Blocks, but not for long after the deadline or a cancellation.
class PastSource {
 public:
  static constexpr size_t kMaxScores = 5000;
  static constexpr size_t kMaxRecords = 1'000'000;
  static constexpr size_t kMaxFactBatches = 200'000;
  // Each with what it concerns.
  static constexpr size_t kMaxFacts = 300'000;

  virtual ~PastSource() = default;
  // What the scores have been that the rule matches and that exist. FAILED_PRECONDITION: HISTORY_NOT_KEPT,
  // TOO_MANY_SCORES, TOO_MUCH_HISTORY; UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, RESOURCE_EXHAUSTED.
  virtual absl::StatusOr<PastScores> ReadScores(const PastQuestion& question) = 0;
  // What has happened in the registry that the rule asks for. FAILED_PRECONDITION: TOO_MUCH_HISTORY; the same others.
  virtual absl::StatusOr<PastFacts> ReadFacts(const PastQuestion& question) = 0;
};

}  // namespace orewatch::alerting
