// What differs between two records of a score, the most telling first.
#pragma once

#include <optional>
#include <vector>

#include "services/risk/domain/score_record.h"

namespace orewatch::risk {

// Points into the records that were compared.
struct InputDifference {
  // Null: it did not go in.
  const Input* before = nullptr;
  // Null: it no longer goes in.
  const Input* after = nullptr;
  // By how much its contribution changed; nothing for what contributes by weighing others.
  std::optional<double> effect;
  // Its own figure, year or source differs; else it counts otherwise because others differ.
  bool driver = false;
};

// Inputs are the same one if role, country, product, basis and scope are; of several in the order given. Drivers first,
// each group by the size of the effect, those without last, equals in the order of the inputs.
std::vector<InputDifference> DifferencesOf(const ScoreRecord& before, const ScoreRecord& after);

}  // namespace orewatch::risk
