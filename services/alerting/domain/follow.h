// How an evaluation goes on when a revision arrives: the same live and in a rehearsal.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "services/alerting/domain/reconciler.h"

namespace orewatch::alerting {

struct Arrival {
  // Of the revision.
  absl::Time commit_time;
  // Everything has been arriving, so that the ticks before the revision had what was before it.
  bool input_live = false;
  // Once it has been taken over.
  Input input = Input::kWhole;
};

// `apply` takes the revision over. False, as of `apply`: it lies before what has been applied.
inline bool Follow(const Arrival& arrival, Reconciler& step, absl::FunctionRef<bool(Reconciler&, Input)> apply) {
  if (arrival.input_live) {
    step.AdvanceGridTo(arrival.commit_time);
  }
  if (!apply(step, arrival.input)) {
    return false;
  }
  if (arrival.input == Input::kWhole) {
    step.AdvanceGrid();
  }
  return true;
}

inline bool Follow(const ScoreBatch& batch, bool input_live, Reconciler& step) {
  return Follow({.commit_time = batch.commit_time, .input_live = input_live}, step,
                [&](Reconciler& reconciler, Input input) { return reconciler.ApplyScores(batch, input); });
}

inline bool Follow(const FactBatch& batch, bool input_live, Reconciler& step) {
  return Follow({.commit_time = batch.commit_time, .input_live = input_live}, step,
                [&](Reconciler& reconciler, Input input) { return reconciler.ApplyFacts(batch, input); });
}

}  // namespace orewatch::alerting
