// How an evaluation goes on when a revision arrives: the same live and in a rehearsal.
#pragma once

#include "services/alerting/domain/reconciler.h"

namespace orewatch::alerting {

// `input_live`: scores have been arriving, so that the ticks before this revision had the values before it. False, and
// nothing applied, if the batch lies before what has been applied.
inline bool Follow(const ScoreBatch& batch, bool input_live, Reconciler& step) {
  if (input_live) {
    step.AdvanceGridTo(batch.commit_time);
  }
  if (!step.ApplyScores(batch)) {
    return false;
  }
  step.AdvanceGrid();
  return true;
}

}  // namespace orewatch::alerting
