// Which stage of a mineral is the worst of those that are known.
#pragma once

#include <map>
#include <memory>
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
  void Meet(StageNumber stage, const Estimate& estimate);
  // Sets `bottleneck` and `known_stages`, and the note BOTTLENECK_UNSURE where the bounds of another stage reach those
  // of the worst.
  void Mark(Score& score) const;

  // Why marks moved, for those whose scores did not.
  ChangeCause cause = ChangeCause::kReal;

 private:
  bool IsSure() const;

  StageNumber stage_ = 0;
  std::map<StageNumber, Estimate> met_;
};

// EU supply risk at each stage where the importer's has a value.
std::vector<Score> SupplyRisks(const World& world, const std::string& mineral, const std::string& importer);

// A score of supply risk that is not kept, marked.
std::shared_ptr<const Score> HeldAgainstOtherStages(const World& world, Score score);

// The largest of them, end by end; without a value where there is none.
Estimate WorstSupplyRisk(const World& world, const std::string& mineral, const std::string& importer);

}  // namespace orewatch::risk
