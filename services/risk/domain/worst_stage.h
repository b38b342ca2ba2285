// Which stage of a mineral is the worst of those that are known.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/score.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// By HHI, and by EU supply risk.
bool HasWorstStage(Method method);

// Scores of a mineral with the same text are held against each other: those of supply risk by importer, and by HHI the
// rest.
std::string StagesHeldTogether(const ScoreKey& key);

// What the stages met so far say.
class WorstStage {
 public:
  // Of equals the first stays.
  void Meet(StageNumber stage, double value);
  // Sets `bottleneck` and `known_stages`.
  void Mark(Score& score) const;

  // Why marks moved, for those whose scores did not.
  ChangeCause cause = ChangeCause::kReal;

 private:
  StageNumber stage_ = 0;
  std::optional<double> value_;
  int known_ = 0;
};

// EU supply risk at each stage where the importer's has a value.
std::vector<Score> SupplyRisks(const World& world, const std::string& mineral, const std::string& importer);

// A score of supply risk that is not kept, marked.
std::shared_ptr<const Score> HeldAgainstOtherStages(const World& world, Score score);

// The largest of them, end by end; without a value where there is none.
Estimate WorstSupplyRisk(const World& world, const std::string& mineral, const std::string& importer);

}  // namespace orewatch::risk
