// Whether the scores that a model keeps are those that its facts give.
#pragma once

#include <string>
#include <vector>

#include "services/risk/domain/model.h"

namespace orewatch::risk {

// What was found of one subject.
struct Audit {
  std::string subject;
  size_t scores = 0;
  // Kept otherwise than computed from the facts alone, or kept or computed only.
  std::vector<ScoreKey> mismatches;
};
Audit AuditOf(const Model& model, const std::string& subject);

// Keys of which one map has no score, or one of another content.
std::vector<ScoreKey> KeysThatDiffer(const Model::Scores& kept, const Model::Scores& computed);

}  // namespace orewatch::risk
