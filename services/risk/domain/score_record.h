// What history keeps of a score: enough to draw it, to explain it and to tell why the next one differs.
#pragma once

#include <optional>
#include <string>

#include "services/risk/domain/score.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

struct ScoreRecord {
  // Without components, HS codes and the parameters of its method; the inputs without their provenance.
  Score score;
  // Of the method.
  std::string edition;
  // Of the service.
  std::string parameter_set;
  // The method's own set and its edition; empty for a method without.
  std::string method_parameters;
  // There is no such score any more; all else is empty but the key.
  bool removed = false;
};

// Stays until the method computes otherwise.
const char* EditionOf(Method method);

ScoreRecord RecordOf(const Score& score, const Parameters& parameters);
ScoreRecord RemovalOf(const ScoreKey& key);

// The same but for cause and revision of the change: history need not keep both.
bool SameRecord(const ScoreRecord& a, const ScoreRecord& b);

// METHOD if edition or parameters differ; REAL if a score appears or goes; else CauseOf the scores.
ChangeCause CauseOf(const ScoreRecord& before, const ScoreRecord& after);

}  // namespace orewatch::risk
