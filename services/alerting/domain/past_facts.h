// What has happened in the registry, as far as anybody remembers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "services/alerting/domain/fact.h"
#include "services/alerting/domain/past_scores.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

struct PastFacts {
  // By revision, the first with what was there when history begins, which may be nothing: all else comes later.
  std::vector<FactBatch> batches = {};
  // Unset: what came first did not come before what is known.
  std::optional<HistoryBegin> begins = std::nullopt;
  // Up to which everything is here.
  Revision revision = {};
  // Things that were in some state that the rule asks for.
  int64_t thing_count = 0;
};

// Keeps of a past what matters to a rule, so that a large registry need not be remembered for a few measures.
// Thread-compatible.
class FactSieve {
 public:
  // `rule` outlives it.
  explicit FactSieve(const Rule& rule);

  // Something has been kept of the thing: there may be an alert about it, even if it is gone.
  bool Knows(const std::string& resource) const { return known_.contains(resource); }
  // Whether a fact must be kept; if so, whatever is said of the same thing later must be, too.
  bool Keeps(const Fact& fact);
  // Leaves of the next revision what must be kept.
  void Sift(FactBatch& batch);
  int64_t thing_count() const { return static_cast<int64_t>(asked_for_.size()); }

 private:
  const std::vector<const Happening*> happenings_;
  // Missing data fire, also of what the rule knows by facts alone that it does not ask for.
  const bool keeps_all_;
  absl::flat_hash_set<std::string> known_;
  absl::flat_hash_set<std::string> asked_for_;
};

}  // namespace orewatch::alerting
